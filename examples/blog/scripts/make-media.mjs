// Draws every raster image, the melody, the measurements and the WebAssembly module
// of this site. Nothing here is needed for a build: the results are kept next to the
// sources. Run it again with `npm run media` (lame and oggenc must be on the PATH).
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => join(root, ...parts);

/** A small deterministic generator: the same seed always gives the same drawing. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

const ink = '#16372f';
const paper = '#f3efe2';
const flag = '#d9541e';
const moss = '#5d8a66';
const sand = '#e0d4b0';
const sky = '#a9c8c4';

const svg = (width, height, body) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${body}</svg>`;
const f = (n) => n.toFixed(1);

/** Contour lines round a few peaks, with a dashed route across them. */
function contours(width, height) {
  const peaks = [
    { x: width * 0.27, y: height * 0.42, rings: 13, step: 27, skew: 0.72 },
    { x: width * 0.74, y: height * 0.58, rings: 11, step: 25, skew: 0.82 },
    { x: width * 0.55, y: height * 0.1, rings: 6, step: 22, skew: 0.6 },
  ];
  const random = generator(41);
  let out = `<rect width="${width}" height="${height}" fill="${paper}"/>`;
  for (let x = 0; x <= width; x += 40) out += `<path d="M${x} 0V${height}" stroke="${sand}" stroke-width="1"/>`;
  for (let y = 0; y <= height; y += 40) out += `<path d="M0 ${y}H${width}" stroke="${sand}" stroke-width="1"/>`;
  for (const peak of peaks) {
    const phase = [random() * 6, random() * 6, random() * 6];
    for (let ring = peak.rings; ring > 0; ring -= 1) {
      let d = '';
      for (let step = 0; step <= 90; step += 1) {
        const angle = (step / 90) * Math.PI * 2;
        const wobble = 1 + 0.12 * Math.sin(angle * 3 + phase[0]) + 0.08 * Math.sin(angle * 5 + phase[1]) + 0.03 * Math.sin(angle * 9 + phase[2]);
        const radius = ring * peak.step * wobble;
        d += `${step ? 'L' : 'M'}${f(peak.x + Math.cos(angle) * radius)} ${f(peak.y + Math.sin(angle) * radius * peak.skew)}`;
      }
      const heavy = ring % 4 === 0;
      out += `<path d="${d}Z" fill="${ring <= 3 ? moss : 'none'}" fill-opacity=".16" stroke="${heavy ? ink : moss}" stroke-width="${heavy ? 2.6 : 1.3}"/>`;
    }
  }
  const stops = [[0.04, 0.86], [0.2, 0.7], [0.36, 0.74], [0.5, 0.52], [0.62, 0.4], [0.8, 0.3], [0.95, 0.16]].map(([x, y]) => [x * width, y * height]);
  out += `<path d="M${stops.map(([x, y]) => `${f(x)} ${f(y)}`).join('L')}" fill="none" stroke="${flag}" stroke-width="5" stroke-dasharray="14 9" stroke-linejoin="round"/>`;
  stops.forEach(([x, y], i) => {
    out += i === stops.length - 1
      ? `<path d="M${f(x)} ${f(y)}v-62l46 16-46 16" fill="${flag}" stroke="${ink}" stroke-width="3"/><circle cx="${f(x)}" cy="${f(y)}" r="7" fill="${ink}"/>`
      : `<circle cx="${f(x)}" cy="${f(y)}" r="9" fill="${paper}" stroke="${ink}" stroke-width="4"/>`;
  });
  return svg(width, height, out);
}

/** A waterfall: bars that wait for the bars above them. */
function waterfall(width, height) {
  const rows = [[0, 18, 34, ink], [30, 6, 22, moss], [30, 9, 31, moss], [31, 4, 40, sky], [52, 10, 24, flag], [58, 8, 36, flag], [64, 5, 15, sky], [66, 6, 26, sky]];
  let out = `<rect width="${width}" height="${height}" fill="#12241f"/>`;
  for (let x = 60; x < width; x += 60) out += `<path d="M${x} 30V${height - 30}" stroke="#294840" stroke-dasharray="3 6"/>`;
  rows.forEach(([start, wait, length, colour], i) => {
    const y = 56 + i * ((height - 90) / rows.length);
    const unit = (width - 100) / 105;
    out += `<rect x="${f(50 + start * unit)}" y="${f(y + 8)}" width="${f(wait * unit)}" height="10" fill="#4d6d63"/>`;
    out += `<rect x="${f(50 + (start + wait) * unit)}" y="${f(y)}" width="${f(length * unit * 0.72)}" height="26" fill="${colour === ink ? paper : colour}"/>`;
  });
  return svg(width, height, out);
}

/** Shelves of boxes; the odd one out is stale. */
function shelves(width, height) {
  const random = generator(7);
  let out = `<rect width="${width}" height="${height}" fill="${sky}"/>`;
  for (let row = 0; row < 4; row += 1) {
    const base = 130 + row * ((height - 100) / 4);
    let x = 46;
    while (x < width - 130) {
      const w = 34 + Math.floor(random() * 66);
      const h = 44 + Math.floor(random() * 52);
      const odd = row === 2 && x > width * 0.52 && x < width * 0.62;
      out += `<rect x="${x}" y="${base - h}" width="${w}" height="${h}" fill="${odd ? flag : [paper, sand, moss, '#3d6a5d'][Math.floor(random() * 4)]}" stroke="${ink}" stroke-width="3"/>`;
      out += `<path d="M${x + 8} ${base - h + 14}h${w - 16}" stroke="${ink}" stroke-width="4"/>`;
      x += w + 8 + Math.floor(random() * 14);
    }
    out += `<rect x="24" y="${base}" width="${width - 48}" height="12" fill="${ink}"/>`;
  }
  return svg(width, height, out);
}

/** A wave cut into ranges. */
function ranges(width, height) {
  let out = `<rect width="${width}" height="${height}" fill="${sand}"/>`;
  const mid = height / 2;
  for (let i = 0; i < 96; i += 1) {
    const envelope = Math.abs(Math.sin(i / 11) * 0.7 + Math.sin(i / 3.7) * 0.3);
    const h = 18 + envelope * (height * 0.62);
    const part = Math.floor(i / 24);
    out += `<rect x="${f(30 + i * ((width - 60) / 96))}" y="${f(mid - h / 2)}" width="${f((width - 60) / 96 - 3)}" height="${f(h)}" fill="${part === 2 ? flag : part % 2 ? moss : ink}"/>`;
  }
  for (const part of [1, 2, 3]) {
    const x = f(28 + part * 24 * ((width - 60) / 96));
    out += `<path d="M${x} 24V${height - 24}" stroke="${ink}" stroke-width="3" stroke-dasharray="10 8"/>`;
  }
  return svg(width, height, out);
}

/** Islands in a static sea. */
function islands(width, height) {
  let out = `<rect width="${width}" height="${height}" fill="#2c5a58"/>`;
  for (let y = 20; y < height; y += 26) {
    let d = `M0 ${y}`;
    for (let x = 0; x < width; x += 40) d += `q10 ${y % 52 ? -7 : 7} 20 0t20 0`;
    out += `<path d="${d}" fill="none" stroke="#4b7f7b" stroke-width="2"/>`;
  }
  for (const [x, y, r] of [[0.22, 0.62, 92], [0.53, 0.36, 62], [0.78, 0.66, 116]]) {
    const cx = x * width, cy = y * height;
    out += `<ellipse cx="${f(cx)}" cy="${f(cy)}" rx="${f(r * 1.32)}" ry="${f(r * 0.7)}" fill="${sand}"/><ellipse cx="${f(cx)}" cy="${f(cy - 8)}" rx="${r}" ry="${f(r * 0.5)}" fill="${moss}" stroke="${ink}" stroke-width="3"/>`;
    out += `<path d="M${f(cx)} ${f(cy - 8)}v-${f(r * 0.8)}l34 14-34 14" fill="${flag}" stroke="${ink}" stroke-width="4"/>`;
  }
  return svg(width, height, out);
}

function portrait(seed, back, front) {
  const random = generator(seed);
  let out = `<rect width="320" height="320" fill="${back}"/>`;
  for (let y = 0; y < 8; y += 1) for (let x = 0; x < 4; x += 1) {
    if (random() > 0.48) out += `<rect x="${x * 40}" y="${y * 40}" width="40" height="40" fill="${front}"/><rect x="${280 - x * 40}" y="${y * 40}" width="40" height="40" fill="${front}"/>`;
  }
  return svg(320, 320, out);
}

async function images() {
  mkdirSync(at('src/assets'), { recursive: true });
  const png = (name, source) => sharp(Buffer.from(source)).png({ palette: true, colours: 64, compressionLevel: 9, effort: 9 }).toFile(at('src/assets', name));
  const jpeg = (name, source) => sharp(Buffer.from(source)).jpeg({ quality: 82, mozjpeg: true }).toFile(at('src/assets', name));
  await png('contours.png', contours(1440, 720));
  await png('waterfall.png', waterfall(1200, 560));
  await jpeg('shelves.jpg', shelves(1200, 640));
  await png('ranges.png', ranges(1200, 480));
  await jpeg('islands.jpg', islands(1200, 600));
  await png('ines.png', portrait(3, ink, sand));
  await png('tomasz.png', portrait(11, flag, paper));
  await png('maribel.png', portrait(29, sky, ink));
  await sharp(at('public/favicon.svg')).resize(192, 192).png({ compressionLevel: 9 }).toFile(at('public/images/icon-192.png'));
}

// Eight bars of a walking tune: [semitones above A3, length in eighths].
const tune = [[0, 2], [3, 1], [5, 1], [7, 2], [10, 1], [7, 1], [12, 2], [10, 1], [7, 1], [5, 2], [3, 1], [5, 1], [7, 3], [3, 1], [0, 2], [-2, 1], [0, 1], [3, 2], [0, 4]];

function melody() {
  const rate = 16000;
  const seconds = 8;
  const eighth = 0.25;
  const mix = new Float64Array(rate * seconds);
  const noise = generator(1234);
  let time = 0;
  for (const [semitone, length] of tune) {
    // A plucked string: a burst of noise running round a delay line that dulls it.
    const frequency = 220 * 2 ** (semitone / 12);
    const line = Array.from({ length: Math.round(rate / frequency) }, () => noise() * 2 - 1);
    const begin = Math.round(time * rate);
    const count = Math.min(mix.length - begin, Math.round((length * eighth + 0.5) * rate));
    for (let i = 0; i < count; i += 1) {
      const here = i % line.length;
      const value = line[here];
      line[here] = 0.4975 * (value + line[(here + 1) % line.length]);
      mix[begin + i] += value * 0.5 * Math.min(1, (count - i) / 800);
    }
    time += length * eighth;
  }
  let peak = 0;
  for (const value of mix) peak = Math.max(peak, Math.abs(value));
  const wav = Buffer.alloc(44 + mix.length * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + mix.length * 2, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(rate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(mix.length * 2, 40);
  mix.forEach((value, i) => wav.writeInt16LE(Math.round((value / peak) * 26000), 44 + i * 2));
  mkdirSync(at('public/audio'), { recursive: true });
  writeFileSync(at('public/audio/walking-tune.wav'), wav);
  execFileSync('lame', ['--quiet', '-b', '64', '-m', 'm', '--tt', 'Walking tune', '--ta', 'Field Notes', at('public/audio/walking-tune.wav'), at('public/audio/walking-tune.mp3')]);
  execFileSync('oggenc', ['-Q', '-q', '3', '--serial', '1', '-o', at('public/audio/walking-tune.ogg'), at('public/audio/walking-tune.wav')]);
}

/** Written as text, so that the number literals stay exactly as they are spelled here. */
function measurements() {
  const random = generator(2024);
  const places = ['Bergen', 'Montr\\u00e9al', 'K\\u00f8benhavn', 'Nairobi', 'S\\u00e3o Paulo', 'Wellington'];
  const kinds = ['html', 'css', 'script', 'font', 'image', 'audio'];
  const links = ['fibre', 'cable', '4g', 'train wifi'];
  const rows = [];
  for (let i = 0; i < 132; i += 1) {
    const bytes = 400 + Math.floor(random() ** 2 * 180000);
    const packed = Math.max(120, Math.round(bytes * (0.18 + random() * 0.5)));
    const first = (18 + random() * 320).toFixed(1);
    rows.push(`    {
      "id": ${i + 1},
      "place": "${places[Math.floor(random() * places.length)]}",
      "link": "${links[Math.floor(random() * links.length)]}",
      "kind": "${kinds[i % kinds.length]}",
      "bytes": ${bytes},
      "packed": ${packed},
      "firstByteMs": ${first},
      "fromCache": ${random() > 0.7},
      "weight": ${i % 7 === 0 ? '1.0' : i % 11 === 0 ? '1e3' : (random() * 2).toFixed(3)},
      "note": ${i % 10 === 0 ? '"measured twice \\u2014 same answer"' : 'null'}
    }`);
  }
  mkdirSync(at('public/data'), { recursive: true });
  writeFileSync(at('public/data/measurements.json'), `{
  "title": "Field measurements",
  "season": "\\u00e9t\\u00e9",
  "ledger": 12345678901234567890,
  "revision": 1.0,
  "budget": 1e3,
  "smallest": 1.50E-7,
  "negativeZero": -0.0,
  "rows": [
${rows.join(',\n')}
  ]
}
`);
}

/** packets(bytes, segment) = (bytes + segment - 1) / segment, assembled by hand. */
function wasm() {
  const bytes = [
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic, version 1
    0x01, 0x07, 0x01, 0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f, // type 0: (i32, i32) -> i32
    0x03, 0x02, 0x01, 0x00, // function 0 has type 0
    0x07, 0x0b, 0x01, 0x07, 0x70, 0x61, 0x63, 0x6b, 0x65, 0x74, 0x73, 0x00, 0x00, // export "packets"
    0x0a, 0x0f, 0x01, 0x0d, 0x00, // one body of 13 bytes without locals
    0x20, 0x00, 0x20, 0x01, 0x6a, // bytes + segment
    0x41, 0x01, 0x6b, // - 1
    0x20, 0x01, 0x6e, // / segment, unsigned
    0x0b, // end
  ];
  mkdirSync(at('public/wasm'), { recursive: true });
  writeFileSync(at('public/wasm/packets.wasm'), Buffer.from(bytes));
}

mkdirSync(at('public/images'), { recursive: true });
await images();
melody();
measurements();
wasm();
