// Projects of real Astro versions, in which the packed npm packages are installed.

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before } from 'node:test';

import { PACKAGE, ended, program, temporaryFolder } from './program.mjs';
import { startRegistry, tarballName } from './registry.mjs';

export const ASTRO_7 = { astro: '7.3.5', '@astrojs/cloudflare': '14.3.3', typescript: '6.0.3' };
export const ASTRO_6 = { astro: '6.4.8', '@astrojs/cloudflare': '13.7.0', wrangler: '4.164.0' };
export const ASTRO_5 = { astro: '5.18.2', '@astrojs/cloudflare': '12.6.13' };

/** Options of the integration in all projects. */
export const OPTIONS = '{ sourceMaps: "leave-out" }';

export const PLATFORM = `${process.platform}-${process.arch}`;
export const SERVER_PAGE = `---\nexport const prerender = false;\n---\n<h1>{Astro.url.href}</h1>\n`;

/** Ends a test that would never finish, in milliseconds. */
export const timeout = 1_200_000;

/** A project for one test, below the `node_modules` shared by all. */
export class Project {
  constructor(test, site, files) {
    this.site = site;
    this.folder = temporaryFolder(test, site.folder);
    this.write({
      'package.json': '{ "type": "module", "private": true }',
      'src/pages/index.astro': page('Home'),
      'src/pages/about.astro': page('About'),
      'public/robots.txt': 'User-agent: *\n',
      ...files,
    });
  }

  write(files) {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }

  remove(name) {
    rmSync(join(this.folder, name));
  }

  /** Runs `astro build`. Returns its exit code and its output. */
  async build(env = {}) {
    const modules = join(this.site.folder, '../node_modules/astro');
    const { bin } = JSON.parse(readFileSync(join(modules, 'package.json'), 'utf8'));
    const script = join(modules, typeof bin === 'string' ? bin : bin.astro);
    const result = await ended(process.execPath, [script, 'build'], {
      cwd: this.folder,
      env: { ...environment(), ...env },
    });
    return { ...result, log: result.stdout + result.stderr };
  }

  /** Like `build`, but throws if the build fails. */
  async built(env) {
    const { code, log } = await this.build(env);
    assert.equal(code, 0, log);
    return log;
  }

  /** Returns the contents and modification times of the files in a folder. */
  contents(folder) {
    const files = {};
    for (const name of readdirSync(join(this.folder, folder), { recursive: true }).sort()) {
      const path = join(this.folder, folder, name);
      const { mtimeMs } = statSync(path);
      if (statSync(path).isFile()) files[name] = `${mtimeMs} ${readFileSync(path, 'base64')}`;
    }
    return files;
  }

  /** Returns the routes of the packed table. */
  routes() {
    const manifest = readFileSync(join(this.folder, 'dist-worker/bundle/manifest.json'), 'utf8');
    return Object.keys(JSON.parse(manifest).assets);
  }

  /**
   * Builds with a program that records the files in `dist` when it is called. Fails if Astro changes
   * them later. Returns their names and the packed folder.
   */
  async builtAndPackedLast() {
    const note = join(this.folder, 'note.json');
    const noting = program(
      this.folder,
      `const fs = require('node:fs');
      const path = require('node:path');
      const args = process.argv.slice(2);
      const files = fs.readdirSync('dist', { recursive: true }).sort().map((name) => {
        const file = fs.statSync(path.join('dist', name));
        return [name, file.isFile() ? file.mtimeMs + ' ' + file.size : 'folder'];
      });
      fs.writeFileSync(${JSON.stringify(note)}, JSON.stringify({ args, files }));
      const run = require('node:child_process').spawnSync;
      process.exit(run(${JSON.stringify(this.site.binary)}, args, { stdio: 'inherit' }).status);`,
      'noting.cjs',
    );
    await this.built({ WORKER_PACK_BINARY: noting });
    const { args, files } = JSON.parse(readFileSync(note, 'utf8'));
    const now = readdirSync(join(this.folder, 'dist'), { recursive: true })
      .sort()
      .map((name) => {
        const file = statSync(join(this.folder, 'dist', name));
        return [name, file.isFile() ? `${file.mtimeMs} ${file.size}` : 'folder'];
      });
    assert.deepEqual(now, files);
    return { packed: args[1], names: files.map(([name]) => name) };
  }
}

function page(title) {
  return `<html lang="en">
  <head><meta charset="utf-8" /><title>${title}</title></head>
  <body>
    <h1>${title}</h1>
  </body>
</html>
`;
}

/** Returns a configuration file, optionally with integrations before and behind ours. */
export function config({ options = OPTIONS, adapter = false, before = '', behind = '', more = '' } = {}) {
  return `import { defineConfig } from 'astro/config';
${adapter ? "import cloudflare from '@astrojs/cloudflare';" : ''}
import workerPack from 'worker-pack/astro';
export default defineConfig({
  ${adapter ? 'adapter: cloudflare(),' : ''}
  ${more}
  integrations: [${before} workerPack(${options}), ${behind}],
});
`;
}

/** Returns an integration that writes a file after the build. */
export function writer(name) {
  return `{
    name: '${name}',
    hooks: {
      'astro:build:done': async ({ dir }) => {
        const { writeFile } = await import('node:fs/promises');
        await writeFile(new URL('${name}.txt', dir), 'late');
      },
    },
  }`;
}

export function environment() {
  const env = {
    ...process.env,
    CI: '1',
    NO_COLOR: '1',
    // No prompts, no telemetry.
    ASTRO_TELEMETRY_DISABLED: '1',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_SEND_ERROR_REPORTS: 'false',
    WRANGLER_SEND_METRICS: 'false',
    // Keeps the logs of the Workers runtime, which prerenders pages, out of the home folder.
    XDG_CONFIG_HOME: join(folder('WORKER_PACK_SCRATCH'), 'config'),
  };
  for (const name of ['WORKER_PACK_BINARY', 'FORCE_COLOR', 'NODE_ENV', 'NODE_TEST_CONTEXT'])
    delete env[name];
  return env;
}

function folder(variable) {
  const path = process.env[variable];
  assert.ok(path, `${variable} is not set; run these tests with \`cargo xtask npm --test\``);
  return path;
}

async function npm(folder, ...args) {
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const options = { cwd: folder, env: environment(), shell: process.platform === 'win32' };
  const { code, stdout, stderr } = await ended('npm', [...args, ...quiet], options);
  assert.equal(code, 0, stdout + stderr);
}

/** Installs packages from npm, unless an earlier run did. */
async function install(name, dependencies) {
  const root = join(folder('WORKER_PACK_SCRATCH'), name);
  const done = join(root, 'installed.json');
  const wanted = JSON.stringify(dependencies);
  if (!existsSync(done) || readFileSync(done, 'utf8') !== wanted) {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, 'package.json'), JSON.stringify({ private: true, dependencies }));
    await npm(root, 'install');
    writeFileSync(done, wanted);
  }
  return root;
}

/** Installs worker-pack from its tarball, and the platform packages from a local registry. */
export async function installWorkerPack(root, ...args) {
  const tarballs = folder('WORKER_PACK_TARBALLS');
  const registry = await startRegistry(tarballs);
  try {
    const { name, version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
    const dependencies = { [name]: `file:${join(tarballs, tarballName({ name, version }))}` };
    writeFileSync(join(root, 'package.json'), JSON.stringify({ private: true, dependencies }));
    const own = [`--@worker-pack:registry=${registry.address}`, `--cache=${join(root, 'cache')}`];
    await npm(root, 'install', ...own, ...args);
  } finally {
    registry.end();
  }
  return registry.requests;
}

/** Installs Astro, and below it the tarballs, for all projects of a version. */
export function withAstro(name, dependencies) {
  const site = {};
  before(
    async () => {
      const root = await install(name, dependencies);
      site.folder = mkdtempSync(join(root, 'worker-pack-'));
      await installWorkerPack(site.folder);
      const binary = process.platform === 'win32' ? 'worker-pack.exe' : 'worker-pack';
      site.binary = join(site.folder, 'node_modules/@worker-pack', PLATFORM, 'bin', binary);
    },
    { timeout },
  );
  after(() => site.folder && rmSync(site.folder, { recursive: true, force: true, maxRetries: 3 }));
  return site;
}
