// The packed npm packages in projects of real Astro versions, with and without Cloudflare's adapter.
//
//     cargo xtask npm --test
//
// packs the packages and runs all tests of this folder. Directly, with Node.js 22.12 or newer:
//
//     WORKER_PACK_TARBALLS=… WORKER_PACK_SCRATCH=… node --test npm/test/*.test.mjs
//
// `WORKER_PACK_TARBALLS` is the output folder of `cargo xtask npm --out`; `WORKER_PACK_SCRATCH` is a
// folder for packages from npm, reused by the next run.

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
import { after, before, describe, test } from 'node:test';

import { PACKAGE, ended, program, temporaryFolder } from './program.mjs';
import { startRegistry, tarballName } from './registry.mjs';

const ASTRO_7 = { astro: '7.3.5', '@astrojs/cloudflare': '14.3.3', typescript: '6.0.3' };
const ASTRO_5 = { astro: '5.18.2', '@astrojs/cloudflare': '12.6.13' };

/** Options of the integration in all projects. */
const OPTIONS = '{ sourceMaps: "leave-out" }';

const PLATFORM = `${process.platform}-${process.arch}`;
const SERVER_PAGE = `---\nexport const prerender = false;\n---\n<h1>{Astro.url.href}</h1>\n`;

/** Ends a test that would never finish, in milliseconds. */
const timeout = 1_200_000;

/** A project for one test, below the `node_modules` shared by all. */
class Project {
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
function config({ options = OPTIONS, adapter = false, before = '', behind = '', more = '' } = {}) {
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
function writer(name) {
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

function environment() {
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
async function installWorkerPack(root, ...args) {
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
function withAstro(name, dependencies) {
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

describe('the tarballs', () => {
  test(
    'npm installs only the program for this platform, and the command runs it',
    { timeout },
    async (t) => {
      const root = temporaryFolder(t);
      const requests = await installWorkerPack(root);
      assert.deepEqual(readdirSync(join(root, 'node_modules/@worker-pack')), [PLATFORM]);
      const tarballs = requests.filter((path) => path.endsWith('.tgz'));
      assert.equal(tarballs.length, 1, requests.join());
      for (const file of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE']) {
        assert.ok(existsSync(join(root, 'node_modules/worker-pack', file)), file);
      }
      const options = { cwd: root, env: environment(), shell: process.platform === 'win32' };
      const command = join(root, 'node_modules/.bin/worker-pack');
      const version = await ended(command, ['--version'], options);
      assert.match(version.stdout, /^worker-pack \d+\.\d+\.\d+/, version.stderr);
      const wrong = await ended(command, ['build', 'nowhere', '--out', 'x'], options);
      assert.equal(wrong.code, 1);
      assert.match(wrong.stderr, /`nowhere` is not a folder/);
      assert.equal((await ended(command, ['pack'], options)).code, 2);
    },
  );

  test(
    'without optional dependencies the command names the missing package',
    { timeout },
    async (t) => {
      const root = temporaryFolder(t);
      await installWorkerPack(root, '--omit=optional');
      const options = { cwd: root, env: environment(), shell: process.platform === 'win32' };
      const { code, stderr } = await ended(
        join(root, 'node_modules/.bin/worker-pack'),
        [],
        options,
      );
      assert.equal(code, 1);
      assert.match(
        stderr,
        new RegExp(`@worker-pack/${PLATFORM} is not installed.*\n.*\n.*--omit=optional`),
      );
    },
  );
});

describe('Astro 7', () => {
  const site = withAstro('astro-7', ASTRO_7);

  test('a build is packed, and an unchanged build is not rewritten', { timeout }, async (t) => {
    const project = new Project(t, site, { 'astro.config.mjs': config() });
    const log = await project.built();
    assert.match(log, /\[worker-pack\] packing dist\n/);
    assert.match(log, /\[worker-pack\] 3 files, \d+ B: \d+ B as sent/);
    assert.match(log, /\[worker-pack\] dist-worker: \d+ written, 0 unchanged, 0 removed\n/);
    assert.deepEqual(project.routes(), ['/about/index.html', '/index.html', '/robots.txt']);
    const packed = project.contents('dist-worker');
    assert.match(await project.built(), /\[worker-pack\] dist-worker: unchanged, \d+ files\n/);
    assert.deepEqual(project.contents('dist-worker'), packed);
  });

  test(
    'packing errors and earlier errors fail the build and preserve the output',
    { timeout },
    async (t) => {
      const project = new Project(t, site, { 'astro.config.mjs': config() });
      await project.built();
      const packed = project.contents('dist-worker');

      project.write({ 'wrangler.jsonc': '{ "assets": { "html_handling": "slashes" } }' });
      const failed = await project.build();
      assert.notEqual(failed.code, 0);
      assert.match(failed.log, /wrangler\.jsonc` is not valid/);
      assert.match(failed.log, /assets\.html_handling: `slashes` is not one of/);
      assert.deepEqual(project.contents('dist-worker'), packed);

      project.remove('wrangler.jsonc');
      project.write({
        'src/pages/broken.astro': '---\nthrow new Error("broken on purpose");\n---\n',
      });
      const broken = await project.build();
      assert.notEqual(broken.code, 0);
      assert.match(broken.log, /broken on purpose/);
      assert.doesNotMatch(broken.log, /\[worker-pack\]/);
      assert.deepEqual(project.contents('dist-worker'), packed);

      project.remove('src/pages/broken.astro');
      assert.match(await project.built(), /dist-worker: unchanged/);
    },
  );

  test('warnings are logged, and fail the build with strict strictness', { timeout }, async (t) => {
    const files = { 'public/broken.css': 'a { color: red }\n}\n', 'astro.config.mjs': config() };
    const project = new Project(t, site, files);
    assert.match(await project.built(), /\[WARN\] \[worker-pack\] broken\.css/);
    const options = OPTIONS.replace('}', ', strictness: "strict" }');
    project.write({ 'astro.config.mjs': config({ options }) });
    const { code, log } = await project.build();
    assert.notEqual(code, 0);
    assert.match(log, /the site could not be packed: 1 error\nbroken\.css/);
  });

  test('files of other integrations are packed, whatever their order', { timeout }, async (t) => {
    const adder = `{
      name: 'adder',
      hooks: {
        'astro:config:setup': ({ updateConfig }) => {
          updateConfig({ integrations: [${writer('added')}] });
        },
      },
    }`;
    const around = { before: `${writer('first')},`, behind: `${writer('behind')}, ${adder}` };
    const project = new Project(t, site, { 'astro.config.mjs': config(around) });
    await project.builtAndPackedLast();
    const routes = project.routes();
    for (const route of ['/first.txt', '/behind.txt', '/added.txt']) {
      assert.ok(routes.includes(route), `${route} is missing in ${routes}`);
    }
  });

  test('an unknown option fails before the build', { timeout }, async (t) => {
    const files = { 'astro.config.mjs': config({ options: '{ minfy: [] }' }) };
    const project = new Project(t, site, files);
    const { code, log } = await project.build();
    assert.notEqual(code, 0);
    assert.match(log, /worker-pack has no option `minfy`/);
    assert.ok(!existsSync(join(project.folder, 'dist')));
  });

  test('packing runs after the adapter: server code', { timeout }, async (t) => {
    const files = {
      'src/pages/now.astro': SERVER_PAGE,
      'astro.config.mjs': config({ adapter: true, more: "redirects: { '/old': '/about' }," }),
    };
    const project = new Project(t, site, files);
    const { packed, names } = await project.builtAndPackedLast();
    assert.equal(packed, join(project.folder, 'dist'));
    for (const name of [
      'client/.assetsignore',
      'client/_headers',
      'client/_redirects',
      'server/entry.mjs',
      'server/wrangler.json',
    ]) {
      assert.ok(names.includes(join(name)), `${name} is missing in ${names}`);
    }
    assert.deepEqual(project.routes(), ['/about/index.html', '/index.html', '/robots.txt']);
  });

  test('packing runs after the adapter: a base without server code', { timeout }, async (t) => {
    const files = { 'astro.config.mjs': config({ adapter: true, more: "base: '/docs'," }) };
    const project = new Project(t, site, files);
    const { packed, names } = await project.builtAndPackedLast();
    assert.equal(packed, join(project.folder, 'dist/client'));
    for (const name of ['client/.assetsignore', 'client/_headers', 'client/docs/wrangler.json']) {
      assert.ok(names.includes(join(name)), `${name} is missing in ${names}`);
    }
    assert.deepEqual(project.routes(), [
      '/docs/about/index.html',
      '/docs/index.html',
      '/docs/robots.txt',
    ]);
  });

  test('a build of the adapter without server code follows Workers', { timeout }, async (t) => {
    for (const more of ['', "base: '/docs',"]) {
      const files = { 'astro.config.mjs': config({ adapter: true, more }) };
      const project = new Project(t, site, files);
      const log = await project.built();
      assert.match(log, /rules of Workers Static Assets, since wrangler\.json has `assets`: /);
    }
  });

  test('server code in an unexpected folder fails the build', { timeout }, async (t) => {
    const more = "build: { client: './public', server: './private' },";
    const files = {
      'src/pages/now.astro': SERVER_PAGE,
      'astro.config.mjs': config({ adapter: true, more }),
    };
    const project = new Project(t, site, files);
    const { code, log } = await project.build();
    assert.notEqual(code, 0);
    assert.match(log, /do not change `build\.client` and `build\.server`/);
    assert.ok(!existsSync(join(project.folder, 'dist-worker')));
  });

  test('the types match those of Astro and reject unknown options', { timeout }, async (t) => {
    const project = new Project(t, site, {
      'config.mts': `import { defineConfig } from 'astro/config';
import byName from 'worker-pack';
import workerPack, { type WorkerPackOptions } from 'worker-pack/astro';
const options: WorkerPackOptions = {
  target: 'worker', out: new URL('file:///out'), minify: ['html'], strictness: 'strict',
  limits: { size: '10 MiB', gzipMarks: ['3 MB'], staticAssets: 100 },
  rule: [{ paths: '/fonts/*', cache: 'immutable' }, { paths: ['/a'], minify: 'off', publish: true }],
};
export default defineConfig({ integrations: [workerPack(options), workerPack(), byName()] });
// @ts-expect-error
workerPack({ minfy: [] });
// @ts-expect-error
workerPack({ minify: ['htm'] });
`,
    });
    const compiler = join(site.folder, '../node_modules/typescript/bin/tsc');
    const compilerOptions = {
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      types: [],
      module: 'nodenext',
    };
    project.write({ 'tsconfig.json': JSON.stringify({ compilerOptions, files: ['config.mts'] }) });
    const { code, stdout } = await ended(process.execPath, [compiler], { cwd: project.folder });
    assert.equal(code, 0, stdout);
  });
});

describe('Astro 5', () => {
  const site = withAstro('astro-5', ASTRO_5);

  test('a static site is packed', { timeout }, async (t) => {
    const project = new Project(t, site, {
      'astro.config.mjs': config({ behind: writer('behind') }),
    });
    await project.builtAndPackedLast();
    const routes = ['/about/index.html', '/behind.txt', '/index.html', '/robots.txt'];
    assert.deepEqual(project.routes(), routes);
  });

  for (const base of ['/', '/docs/']) {
    test(`packing runs after the adapter: base ${base}`, { timeout }, async (t) => {
      const more = `base: '${base}', redirects: { '/old': '/about' },`;
      const files = {
        'src/pages/now.astro': SERVER_PAGE,
        'astro.config.mjs': config({ adapter: true, more }),
      };
      const project = new Project(t, site, files);
      const { packed, names } = await project.builtAndPackedLast();
      assert.equal(packed, join(project.folder, 'dist'));
      for (const name of ['_redirects', '_routes.json', '_worker.js/index.js']) {
        assert.ok(names.includes(join(name)), `${name} is missing in ${names}`);
      }
      const routes = ['about/index.html', 'index.html', 'robots.txt'];
      assert.deepEqual(
        project.routes(),
        routes.map((route) => base + route),
      );
    });
  }
});
