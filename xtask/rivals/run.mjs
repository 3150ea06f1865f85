// Runs the integrations on a copy of a build, as Astro does when it has built:
// `run.mjs DIST [--brotli-only] [--out FOLDER]`. Prints a line of JSON. The copy is kept if it has a folder.

import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import compress from '@playform/compress';
import compressor from 'astro-compressor';

const { values, positionals } = parseArgs({
  options: { 'brotli-only': { type: 'boolean' }, out: { type: 'string' } },
  allowPositionals: true,
});
const [dist] = positionals;
if (dist === undefined) {
  console.error('usage: run.mjs DIST [--brotli-only] [--out FOLDER]');
  process.exit(2);
}

// What the integrations say is no part of the result.
console.log = console.error;
const logger = { fork: () => logger };
for (const level of ['debug', 'info', 'warn', 'error']) {
  logger[level] = (text) => console.error(`[${level}] ${text}`);
}

const folder = values.out ?? (await mkdtemp(join(tmpdir(), 'rivals-')));
const dir = pathToFileURL(folder + sep);

/** Calls the hooks that an integration has, in the order in which Astro does. */
async function run(integration) {
  const { hooks } = integration;
  const start = performance.now();
  const before = process.cpuUsage();
  await hooks['astro:config:done']?.({ config: { outDir: dir }, logger });
  await hooks['astro:build:done']?.({ dir, pages: [], assets: new Map(), logger });
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - start) / 1e3, cpu: (user + system) / 1e6 };
}

/** The size of a file, and nothing for one that is not there. */
async function size(name) {
  return (await stat(name).catch(() => undefined))?.size;
}

async function measure() {
  await cp(dist, folder, { recursive: true });
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

  const playform = await run(compress());
  const options = values['brotli-only'] ? { gzip: false, zstd: false } : undefined;
  const astroCompressor = await run(compressor(options));

  // As a browser that takes Brotli gets them.
  const sizes = {};
  for (const name of names) {
    const [identity, brotli] = [await size(name), await size(`${name}.br`)];
    const path = relative(folder, name).split(sep).join('/');
    sizes[path] = Math.min(identity, brotli ?? identity);
  }
  return { playform, astroCompressor, sizes };
}

try {
  process.stdout.write(`${JSON.stringify(await measure())}\n`);
} finally {
  if (values.out === undefined) await rm(folder, { recursive: true });
}
