// Builds an Astro project with the modules of another one, which are linked into it.
//
//     node tests/worker/astro_build.mjs FOLDER NODE_MODULES

import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const [folder, modules] = process.argv.slice(2);
symlinkSync(modules, join(folder, 'node_modules'));
const { bin } = JSON.parse(readFileSync(join(modules, 'astro/package.json'), 'utf8'));
const script = join(folder, 'node_modules/astro', bin.astro ?? bin);
// Astro writes into the working directory too.
const { status } = spawnSync(process.execPath, [script, 'build'], {
  cwd: folder,
  env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' },
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
