// Draws the two images and rings the bell of this site. A build does not need it: the results are
// kept next to the sources. Run it again with `npm run media`.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Writes a PNG whose pixels are indexes into a palette. */
function png(path, width, height, palette, pixel) {
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = pixel(x, y);
  }
  const chunk = (type, data) => {
    const out = Buffer.alloc(data.length + 12);
    out.writeUInt32BE(data.length, 0);
    out.write(type, 4, 'latin1');
    data.copy(out, 8);
    out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((colour) => [16, 8, 0].map((shift) => (colour >> shift) & 255)));
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  const chunks = [chunk('IHDR', header), chunk('PLTE', colours), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))];
  writeFileSync(at(path), Buffer.concat([signature, ...chunks]));
}

const SKY = [0x2a5563, 0x3d6a75, 0x5d858a, 0x8ca39b, 0xc9b98f, 0xeec784];
const SAND = [0xd9c49a, 0xc4ad84, 0xa89474, 0x8a7c68, 0x6d685e, 0x53564f];
const [SUN, WATER, POST] = [12, 13, 14];

/** The flats: bands of sky, a low sun, bands of sand with water in the hollows, and the posts. */
png('public/images/flats.png', 480, 320, [...SKY, ...SAND, 0xf9e3ad, 0x9fc3bd, 0x2b2a26], (x, y) => {
  const horizon = 150;
  if ((x - 338) ** 2 + (y - 112) ** 2 < 26 ** 2) return SUN;
  for (let post = 0; post < 9; post += 1) {
    const near = post / 8;
    const foot = horizon + 14 + near ** 2 * 130;
    const left = 300 - near * 250;
    if (x >= left && x < left + 2 + near * 9 && y < foot && y > foot - 12 - near * 70) return POST;
  }
  if (y < horizon) return Math.max(0, Math.min(5, Math.floor((y + 5 * Math.sin(x / 70)) / 25)));
  const depth = (y - horizon) / (320 - horizon);
  const ripple = Math.sin(x / (12 + depth * 40) + Math.sqrt(depth) * 34 + Math.sin(y / 9));
  if (ripple > 0.86 - depth * 0.25) return WATER;
  return 6 + Math.min(5, Math.floor(depth * 6 + ripple * 0.5 + 0.3));
});

/** A tide pole: marks each ten centimetres, and the lower half is wet. */
png('src/assets/pole.png', 96, 240, [0xefe8d6, 0xb23a2e, 0x2b5d68, 0x173f49], (x, y) => {
  const onPole = x > 34 && x < 62;
  const wet = y > 150 + 4 * Math.sin(x / 7);
  if (!onPole) return wet ? 2 : 0;
  const mark = Math.floor(y / 12) % 2 === 0 ? x < 48 : x >= 48;
  return mark ? (wet ? 3 : 1) : wet ? 2 : 0;
});

/** A bell: four partials that die away, in 8 bits, so that slices of it are easy to tell apart. */
const rate = 8000;
const samples = Buffer.alloc(rate * 0.75);
for (let n = 0; n < samples.length; n += 1) {
  const t = n / rate;
  const partials = [[440, 1, 4], [881, 0.6, 6], [1187, 0.5, 8], [1760, 0.25, 11]];
  const sum = partials.reduce((total, [hertz, loud, fade]) => total + loud * Math.exp(-fade * t) * Math.sin(2 * Math.PI * hertz * t), 0);
  samples[n] = Math.round(128 + 50 * sum);
}
const wave = Buffer.alloc(44);
wave.write('RIFF', 0, 'latin1');
wave.writeUInt32LE(36 + samples.length, 4);
wave.write('WAVEfmt ', 8, 'latin1');
wave.writeUInt32LE(16, 16);
wave.writeUInt16LE(1, 20);
wave.writeUInt16LE(1, 22);
wave.writeUInt32LE(rate, 24);
wave.writeUInt32LE(rate, 28);
wave.writeUInt16LE(1, 32);
wave.writeUInt16LE(8, 34);
wave.write('data', 36, 'latin1');
wave.writeUInt32LE(samples.length, 40);
writeFileSync(at('public/sound/bell.wav'), Buffer.concat([wave, samples]));
