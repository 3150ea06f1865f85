// The weight of what is uploaded: Cloudflare limits it after gzip.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';

import { modules } from '../worker.mjs';

const weigh = (paths) => paths.reduce((sum, path) => sum + gzipSync(readFileSync(path), { level: 9 }).length, 0) / 1000;

/** Measures the figures. */
export async function weight() {
  const paths = modules().map(({ path }) => path);
  const wasm = paths.find((path) => basename(path) === 'index_bg.wasm');
  return [
    {
      name: 'weight of the Wasm, gzip',
      unit: 'kB',
      measured: weigh([wasm]),
      note: `${Math.round(readFileSync(wasm).length / 1000)} kB before gzip, with the table of the site`,
    },
    {
      name: 'weight of all modules, gzip',
      unit: 'kB',
      measured: weigh(paths),
      better: '<',
      target: 3000,
      note: 'the Free plan accepts 3 MB, the paid one 10 MB',
    },
  ];
}
