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
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { ended, temporaryFolder } from './program.mjs';
import {
  ASTRO_5,
  ASTRO_7,
  OPTIONS,
  PLATFORM,
  Project,
  SERVER_PAGE,
  config,
  environment,
  installWorkerPack,
  timeout,
  withAstro,
  writer,
} from './project.mjs';

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
