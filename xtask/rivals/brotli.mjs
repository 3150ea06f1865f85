// Compresses each file of a folder with the encoder in C that Node.js has, one after another and in
// one thread: `brotli.mjs FOLDER`. Prints a line of JSON.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: brotli.mjs FOLDER');
  process.exit(2);
}

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => readFileSync(join(entry.parentPath, entry.name)));

/** The smallest window that a whole file fits into. */
function windowBits(length) {
  let bits = constants.BROTLI_MIN_WINDOW_BITS;
  while (bits < constants.BROTLI_MAX_WINDOW_BITS && (1 << bits) - 16 < length) bits += 1;
  return bits;
}

function compress(bytes) {
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      [constants.BROTLI_PARAM_LGWIN]: windowBits(bytes.length),
    },
  });
}

compress(Buffer.from('The first call also sets the encoder up.'));
const before = process.cpuUsage();
for (const bytes of files) compress(bytes);
const { user, system } = process.cpuUsage(before);
const input = files.reduce((sum, bytes) => sum + bytes.length, 0);
process.stdout.write(`${JSON.stringify({ cpu: (user + system) / 1e6, input })}\n`);
