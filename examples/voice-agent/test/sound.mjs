// Sound for tests: speech, noise of a fixed seed, WAV files, and measures of quality.

import { execFileSync } from 'node:child_process';

/** What the speech says: about nine seconds. */
const TEXT =
  'Good morning, and thank you for calling. Your parcel left the warehouse on Tuesday, and should reach ' +
  'you within the next three days. Is there anything else that I can do for you?';

/** The root mean square of the speech: about a tenth of full scale. */
const SPEECH_LEVEL = 3000;

/**
 * Returns a WAV file.
 *
 * @param {Buffer} data the samples
 * @param {object} [header] what its header says, whether it is true or not
 * @param {number} [header.len] the length of the samples in bytes
 */
export function wav(data, { rate = 24_000, riff = 'RIFF', tag = 1, channels = 1, bits = 16, len = data.length } = {}) {
  const header = Buffer.alloc(44);
  header.write(riff, 0);
  header.writeUInt32LE((36 + len) % 2 ** 32, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(tag, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE((rate * channels * bits) / 8, 28);
  header.writeUInt16LE((channels * bits) / 8, 32);
  header.writeUInt16LE(bits, 34);
  header.write('data', 36);
  header.writeUInt32LE(len, 40);
  return Buffer.concat([header, data]);
}

/** Returns samples as bytes: 16 bits, little-endian. */
export function pcm(samples) {
  const bytes = Buffer.alloc(samples.length * 2);
  samples.forEach((value, n) => bytes.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(value))), n * 2));
  return bytes;
}

/** Returns the samples of bytes. */
export function samplesOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: bytes.length / 2 }, (_, n) => view.getInt16(n * 2, true));
}

/** Returns the speech of eSpeak NG at 24 or 48 kHz. */
export function speech(rate) {
  const program = process.env.WORKER_PACK_ESPEAK ?? 'espeak-ng';
  // Its samples follow a header of 44 bytes, and have 22,050 Hz.
  const file = execFileSync(program, ['-v', 'en', '-s', '150', '--stdout', TEXT], { maxBuffer: 2 ** 24 });
  const wide = interpolate(samplesOf(file.subarray(44)), file.readUInt32LE(24) / 48_000);
  // The speech ends at 11 kHz, so leaving out samples folds nothing.
  return scale(rate === 48_000 ? wide : wide.filter((_, n) => n % 2 === 0), SPEECH_LEVEL);
}

/** Returns the samples at the multiples of `step`, which is less than 1, by a windowed sinc. */
function interpolate(samples, step) {
  const reach = 24;
  return Float64Array.from({ length: Math.floor(samples.length / step) }, (_, n) => {
    const at = n * step;
    const first = Math.floor(at);
    let sum = 0;
    for (let m = first - reach + 1; m <= first + reach; m += 1) {
      const x = Math.PI * (at - m);
      const window = Math.cos(x / (2 * reach)) ** 2;
      sum += (samples[m] ?? 0) * window * (x === 0 ? 1 : Math.sin(x) / x);
    }
    return sum;
  });
}

/** A generator of noise (mulberry32), with the same numbers for the same seed. */
class Numbers {
  #state;

  constructor(seed) {
    this.#state = seed;
  }

  uniform() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Returns a normal number, by the method of Box and Muller. */
  normal() {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }
}

/** Returns noise of equal power at all frequencies. */
export function white(length) {
  const numbers = new Numbers(1);
  return Float64Array.from({ length }, () => numbers.normal());
}

/** Returns noise of equal power in each octave: a sum of low-passed noises, an octave apart. */
export function pink(length, rate) {
  const numbers = new Numbers(2);
  const sum = new Float64Array(length);
  for (let corner = 12; corner < 24_000; corner *= 2) {
    const pole = Math.exp((-2 * Math.PI * corner) / rate);
    const gain = Math.sqrt(1 - pole * pole);
    let value = 0;
    for (let n = 0; n < length; n += 1) sum[n] += value = pole * value + gain * numbers.normal();
  }
  return sum;
}

const power = (signal) => dot(signal, signal) / signal.length;

const dot = (one, other) => one.reduce((sum, value, n) => sum + value * other[n], 0);

const decibels = (ratio) => 10 * Math.log10(ratio);

/** Returns a signal with this root mean square. */
export function scale(signal, level) {
  const factor = level / Math.sqrt(power(signal));
  return signal.map((value) => value * factor);
}

/** Returns speech in noise, with this ratio of their powers in decibels. */
export function mix(voice, noise, ratio) {
  const quieter = scale(noise, Math.sqrt(power(voice)) / 10 ** (ratio / 20));
  return voice.map((value, n) => value + quieter[n]);
}

/** Returns by how many decibels a signal is louder than another one. */
export function louder(signal, other) {
  return decibels(power(signal) / power(other));
}

/** Returns the scale-invariant ratio of signal to noise (Le Roux et al. 2019), in decibels. */
export function siSnr(signal, reference) {
  const factor = dot(signal, reference) / dot(reference, reference);
  const target = reference.map((value) => value * factor);
  return decibels(power(target) / power(signal.map((value, n) => value - target[n])));
}
