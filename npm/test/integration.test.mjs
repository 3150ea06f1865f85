// The integration without Astro: the arguments of the command, and the logged report.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import workerPack from '../worker-pack/lib/astro.js';
import { folderToPack } from '../worker-pack/lib/layout.js';
import { PACKAGE, ended, program, temporaryFolder } from './program.mjs';

const skip = process.platform === 'win32' && 'the program here is a script';
/** The limit, in milliseconds, ends a test that would never finish. */
const posix = { timeout: 600_000, skip };

/** Runs hooks as Astro does, and records the log. */
class Astro {
  log = [];
  logger = Object.fromEntries(
    ['debug', 'info', 'warn', 'error'].map((level) => [
      level,
      (text) => this.log.push(`${level}: ${text}`),
    ]),
  );

  constructor(
    root,
    integrations,
    { command = 'build', buildOutput = 'static', dir = 'dist', ...config } = {},
  ) {
    const url = (path) => pathToFileURL(join(root, path, '/'));
    Object.assign(this, { root, command, buildOutput, dir: url(dir) });
    // Astro copies the integrations of the configuration file.
    integrations = integrations.map(({ name, hooks }) => ({ name, hooks: { ...hooks } }));
    const build = { client: url('dist/client'), server: url('dist/server') };
    this.config = { root: url(''), outDir: url('dist'), base: '/', build, integrations, ...config };
  }

  async run(hook) {
    const { config, command, buildOutput, dir, logger } = this;
    const updateConfig = ({ integrations }) => {
      this.config = {
        ...this.config,
        integrations: [...this.config.integrations, ...integrations],
      };
    };
    for (let i = 0; i < this.config.integrations.length; i++) {
      const { hooks } = this.config.integrations[i];
      await hooks[hook]?.({ config: this.config, command, buildOutput, dir, logger, updateConfig });
    }
  }

  async build() {
    await this.run('astro:config:setup');
    await this.run('astro:config:done');
    await this.run('astro:build:done');
    return this.log;
  }
}

const REPORT = {
  version: 1,
  totals: { files: 3, source: 4000, transformed: 3000, sent: 1000 },
  rules: { compat: 'pages', reason: 'the build has `_routes.json`', unknownPaths: '404-page' },
  leftOut: [
    { file: '_headers', reason: 'host-rules' },
    { file: '_redirects', reason: 'host-rules' },
    { file: '_routes.json', reason: 'host-rules' },
    { file: 'server/', reason: 'server-code' },
  ],
  diagnostics: [],
  emitted: { isNew: false, written: 0, unchanged: 0, removed: 0 },
};

/** Creates a project with a program that prints a report and records its calls. */
function project(test, code) {
  const root = temporaryFolder(test);
  const calls = join(root, 'calls');
  process.env.WORKER_PACK_BINARY = program(
    root,
    `const fs = require('node:fs');
    const args = process.argv.slice(2);
    const call = JSON.stringify({ args, folder: process.cwd() });
    fs.appendFileSync(${JSON.stringify(calls)}, call + '\\n');
    const out = args.find((argument) => argument.startsWith('--out=')).slice('--out='.length);
    const REPORT = ${JSON.stringify(REPORT)};
    ${code ?? 'console.log(JSON.stringify(REPORT))'}`,
  );
  test.after(() => delete process.env.WORKER_PACK_BINARY);
  const read = () => readFileSync(calls, 'utf8').trimEnd().split('\n').map(JSON.parse);
  return { root, calls: read };
}

test('a static site becomes a Worker in dist-worker', posix, async (t) => {
  const { root, calls } = project(t);
  const log = await new Astro(root, [workerPack({ strictness: 'strict' })]).build();
  const args = [
    'build',
    join(root, 'dist'),
    '--target=worker',
    `--out=${join(root, 'dist-worker')}`,
    '--format=json',
    '--quiet',
    '--strictness=strict',
  ];
  assert.deepEqual(calls(), [{ args, folder: root }]);
  assert.deepEqual(log, [
    'info: packing dist',
    'info: 3 files, 4.0 kB: 1.0 kB as sent, -75%',
    'info: left out (host rules): _headers and 2 others',
    'info: left out (server code): server/',
    'info: rules of Pages, since the build has `_routes.json`: unknown paths get 404.html',
    'info: dist-worker: unchanged, 0 files',
  ]);
});

test('changes of the output and the weight of the Worker are logged', posix, async (t) => {
  const { root } = project(
    t,
    `REPORT.emitted = { isNew: false, written: 2, unchanged: 3, removed: 1 };
    REPORT.worker = { weight: { size: 4000, modules: 7, gzip: 2000 } };
    console.log(JSON.stringify(REPORT));`,
  );
  const log = await new Astro(root, [workerPack({ out: 'there' })]).build();
  assert.deepEqual(log.slice(-4), [
    'info: the Worker: 4.0 kB in 7 modules, 2.0 kB under gzip',
    'info: there: 2 written, 3 unchanged, 1 removed',
    'info: try it: npx worker-pack serve dist',
    'info: deploy it: npx wrangler deploy --config there/wrangler.jsonc',
  ]);
});

test('the first build tells what belongs into the repository', posix, async (t) => {
  const first = (worker) => `REPORT.emitted = { isNew: true, written: 2, unchanged: 0, removed: 0 };
    REPORT.worker = ${worker};
    console.log(JSON.stringify(REPORT));`;
  const weight = '{ size: 4000, modules: 7, gzip: 2000 }';
  const server = project(t, first(`{ weight: ${weight}, hasServer: true }`));
  const log = await new Astro(server.root, [workerPack()]).build();
  assert.deepEqual(log.slice(-3), [
    'info: try it: npx wrangler dev --config dist-worker/wrangler.jsonc',
    'info: deploy it: npx wrangler deploy --config dist-worker/wrangler.jsonc',
    'info: for .gitignore: dist-worker/bundle/ (dist-worker/wrangler.jsonc is yours: edit it, and commit it)',
  ]);
  const rust = project(t, first('undefined'));
  const ofRust = await new Astro(rust.root, [workerPack({ target: 'rust', out: 'a' })]).build();
  assert.deepEqual(ofRust.slice(-2), [
    'info: include it: a/assets.rs, by `include!` in your crate',
    'info: for .gitignore: a/',
  ]);
});

test('files in R2 are uploaded before a Worker is run or deployed', posix, async (t) => {
  const r2 = (uploads) => `{ uploads: '${uploads}', buckets: [
    { name: 'site-bodies' }, { name: 'eu-bodies', jurisdiction: 'eu' },
  ] }`;
  const report = (worker) => `REPORT.emitted = { isNew: false, written: 1, unchanged: 0, removed: 0 };
    REPORT.worker = { weight: { size: 4000, modules: 7, gzip: 2000 }, ${worker} };
    console.log(JSON.stringify(REPORT));`;
  const steps = (folder, list) => {
    const options = `--cwd ${folder} --config wrangler.jsonc --filename ${list}`;
    const put = (bucket, place) =>
      `info: upload: npx wrangler r2 bulk put ${bucket} ${place} ${options}`;
    return {
      local: [put('site-bodies', '--local'), put('eu-bodies', '--local --jurisdiction eu')],
      remote: [
        'info: once: npx wrangler r2 bucket create site-bodies',
        put('site-bodies', '--remote'),
        'info: once: npx wrangler r2 bucket create eu-bodies --jurisdiction eu',
        put('eu-bodies', '--remote --jurisdiction eu'),
      ],
    };
  };
  const worker = project(t, report(`hasServer: true, r2: ${r2('bundle/r2.json')}`));
  const ofWorker = steps('dist-worker', 'bundle/r2.json');
  assert.deepEqual((await new Astro(worker.root, [workerPack()]).build()).slice(-8), [
    ...ofWorker.local,
    'info: try it: npx wrangler dev --config dist-worker/wrangler.jsonc',
    ...ofWorker.remote,
    'info: deploy it: npx wrangler deploy --config dist-worker/wrangler.jsonc',
  ]);
  const compiled = report(`program: 'compiled', r2: ${r2('build/bundle/r2.json')}`);
  const crate = project(t, compiled);
  const ofCrate = steps('app', 'build/bundle/r2.json');
  const options = { target: 'rust-worker', out: 'app' };
  assert.deepEqual((await new Astro(crate.root, [workerPack(options)]).build()).slice(-8), [
    ...ofCrate.local,
    'info: try it: npx wrangler dev --cwd app',
    ...ofCrate.remote,
    'info: deploy it: npx wrangler deploy --cwd app',
  ]);
});

test('packing runs after all other integrations', posix, async (t) => {
  const { root, calls } = project(t);
  const seen = [];
  const other = (name, added = []) => ({
    name,
    hooks: {
      'astro:config:setup': ({ updateConfig }) => updateConfig({ integrations: added }),
      'astro:build:done': () => seen.push(`${name} ${packs()}`),
    },
  });
  const packs = () => {
    try {
      return calls().length;
    } catch {
      return 0;
    }
  };
  const [late, later] = [other('late'), other('later', [other('latest')])];
  const integrations = [other('first'), workerPack(), other('second', [late, later])];
  await new Astro(root, integrations).build();
  assert.deepEqual(seen, ['first 0', 'second 0', 'late 0', 'later 0', 'latest 0']);
  assert.equal(packs(), 1);
});

test('a site is packed twice for two targets', posix, async (t) => {
  const { root, calls } = project(t);
  const packs = [workerPack({ out: 'a' }), workerPack({ out: 'b', target: 'rust' })];
  await new Astro(root, [...packs, { name: 'other', hooks: {} }]).build();
  const outs = calls().map(({ args }) => args.slice(2));
  assert.deepEqual(outs, [
    ['--target=worker', `--out=${join(root, 'a')}`, '--format=json', '--quiet'],
    ['--target=rust', `--out=${join(root, 'b')}`, '--format=json', '--quiet'],
  ]);
});

test('other commands than build log a single note', async (t) => {
  const log = [];
  for (const command of ['dev', 'preview', 'sync', 'dev']) {
    const astro = new Astro(temporaryFolder(t), [workerPack()], { command });
    await astro.run('astro:config:setup');
    await astro.run('astro:config:done');
    assert.equal(astro.config.integrations.length, 1);
    log.push(...astro.log);
  }
  assert.deepEqual(log, ['debug: runs only after `astro build`']);
});

test('a missing program fails the build at its start', async (t) => {
  process.env.WORKER_PACK_BINARY = join(temporaryFolder(t), 'nowhere');
  t.after(() => delete process.env.WORKER_PACK_BINARY);
  const astro = new Astro(temporaryFolder(t), [workerPack()]);
  await assert.rejects(astro.run('astro:config:setup'), /WORKER_PACK_BINARY is set to .*nowhere/);
});

test('server code of another adapter is an error unless the target is rust', posix, async (t) => {
  const { root, calls } = project(t);
  const node = { name: '@astrojs/node', hooks: {} };
  const cloudflare = { name: '@astrojs/cloudflare', hooks: {} };
  const server = { buildOutput: 'server', dir: 'dist/client' };
  await assert.rejects(
    new Astro(root, [node, workerPack()], server).build(),
    /another adapter.*`target: 'rust'`/,
  );
  await assert.rejects(new Astro(root, [workerPack({ target: 'rust' })]).build(), /set `out` to/);
  await new Astro(root, [node, workerPack({ target: 'rust', out: 'a' })], server).build();
  await new Astro(root, [cloudflare, workerPack()], server).build();
  const targets = calls().map(({ args }) => args[2]);
  assert.deepEqual(targets, ['--target=rust', '--target=worker']);
});

test(
  'a base without a folder is an error for a Worker and a warning for Rust',
  posix,
  async (t) => {
    const { root, calls } = project(t);
    const config = { base: '/docs' };
    await assert.rejects(
      new Astro(root, [workerPack()], config).build(),
      /the base `\/docs`.*`outDir: '.\/dist\/docs'`.*`dist: '.\/dist'`/,
    );
    const log = await new Astro(root, [workerPack({ target: 'rust', out: 'a' })], config).build();
    assert.match(log[0], /^warn: the site has the base/);
    await new Astro(root, [workerPack({ dist: './dist' })], config).build();
    assert.equal(calls().length, 2);
  },
);

test('the packed folder contains the public files and the server code', () => {
  const root = PACKAGE;
  const find = (buildOutput, dir, base = '/', server = 'dist/server') => {
    const { config } = new Astro(root, [], { base });
    config.build.server = pathToFileURL(join(root, server));
    return folderToPack(config, buildOutput, pathToFileURL(join(root, dir, '/')));
  };
  const dist = join(root, 'dist');
  assert.equal(find('static', 'dist'), dist);
  assert.equal(find('static', 'dist', '/docs'), dist);
  assert.equal(find('static', 'dist/client'), join(dist, 'client'));
  assert.equal(find('static', 'dist/client/docs', '/docs'), join(dist, 'client'));
  assert.equal(find('server', 'dist/client'), dist);
  assert.equal(find('server', 'dist/client/docs/v1', 'docs/v1/'), dist);
  assert.equal(find('server', 'dist', '/', 'dist/_worker.js'), dist);
  assert.equal(find('server', 'dist/docs', '/docs', 'dist/_worker.js'), dist);
  const elsewhere = /`client` and `server` of `outDir`.*do not change `build\.client` and `build/;
  assert.throws(() => find('static', 'public_html'), elsewhere);
  assert.throws(() => find('server', 'dist/public'), elsewhere);
  assert.throws(() => find('server', 'dist/client', '/', 'elsewhere'), elsewhere);
  assert.throws(() => find('server', 'dist/client', '/', 'dist/_worker.js'), elsewhere);
  assert.throws(() => find('server', 'dist', '/', 'dist/server'), elsewhere);
});

test('diagnostics are logged by severity, grouped by message', posix, async (t) => {
  const diagnostics = [
    ...['a.html', 'b.html'].map((file) => ({
      file,
      severity: 'warning',
      code: 'transform/not-utf8',
      message: 'is not UTF-8',
      help: 'save it as UTF-8',
    })),
    { file: 'a.html', severity: 'note', code: 'html/hashed-code', message: 'is not minified' },
    {
      file: 'c.js',
      severity: 'warning',
      code: 'javascript/syntax-error',
      message: 'unexpected token',
      excerpt: { line: 3, column: 5, text: '  a b', offset: 4 },
    },
  ];
  const { root } = project(
    t,
    `const diagnostics = ${JSON.stringify(diagnostics)};
    console.log(JSON.stringify({ ...REPORT, leftOut: [], diagnostics }));`,
  );
  const log = await new Astro(root, [workerPack()]).build();
  assert.deepEqual(log.slice(1, -3), [
    'warn: a.html and b.html: transform/not-utf8: is not UTF-8\n  help: save it as UTF-8',
    'info: a.html: html/hashed-code: is not minified',
    'warn: c.js:3:5: javascript/syntax-error: unexpected token\n  a b',
  ]);
});

test('a failure fails the build with the reported errors', posix, async (t) => {
  const error = {
    version: 1,
    error: 'the site could not be packed: 1 error',
    causes: ['the disk is full'],
    diagnostics: [
      {
        file: 'about.html',
        severity: 'error',
        code: 'ingest/url-conflict',
        message: 'has the same URL as `about`',
        help: 'rename one',
      },
    ],
  };
  const { root } = project(
    t,
    `console.log(${JSON.stringify(JSON.stringify(error))}); process.exit(1)`,
  );
  await assert.rejects(new Astro(root, [workerPack()]).build(), {
    message:
      'the site could not be packed: 1 error\n' +
      'about.html: ingest/url-conflict: has the same URL as `about`\n  help: rename one\n' +
      'caused by: the disk is full',
  });
});

test('a failure without a report fails the build with standard error', posix, async (t) => {
  const usage = project(t, "console.error('error: unexpected argument'); process.exit(2)");
  await assert.rejects(new Astro(usage.root, [workerPack()]).build(), {
    message: 'worker-pack failed with exit code 2\nerror: unexpected argument',
  });
  const killed = project(t, "process.kill(process.pid, 'SIGKILL')");
  await assert.rejects(new Astro(killed.root, [workerPack()]).build(), {
    message: 'worker-pack was killed by SIGKILL',
  });
});

test('a report of another version is a warning', posix, async (t) => {
  const { root } = project(t, 'console.log(JSON.stringify({ version: 2 }))');
  const log = await new Astro(root, [workerPack()]).build();
  assert.match(log[1], /^warn: .* packed the site, but its report does not have version 1/);
});

test('a signal that ends the build ends the program', posix, async (t) => {
  const { root } = project(
    t,
    `process.on('SIGTERM', () => { fs.writeFileSync('got-it', ''); process.exit(1) });
    setInterval(() => {}, 1000); fs.writeFileSync('ready', '');`,
  );
  const script = `
    import fs from 'node:fs';
    import workerPack from ${JSON.stringify(pathToFileURL(join(PACKAGE, 'lib/astro.js')))};
    const url = (path) => new URL(path, ${JSON.stringify(pathToFileURL(join(root, '/')))});
    const { hooks } = workerPack();
    const config = { root: url(''), outDir: url('dist/'), base: '/', integrations: [{ hooks }],
      build: { client: url('dist/client/'), server: url('dist/server/') } };
    const logger = { info() {} };
    hooks['astro:config:setup']({ command: 'build', config, logger });
    hooks['astro:config:done']({ config, buildOutput: 'static' });
    fs.watch(url(''), (event, name) => name === 'ready' && console.log('ready'));
    await hooks['astro:build:done']({ dir: url('dist/'), logger });`;
  let isSent = false;
  const args = ['--input-type=module', '-e', script];
  const result = await ended(process.execPath, args, {}, (printed, child) => {
    if (!isSent && printed.includes('ready')) isSent = child.kill('SIGTERM');
  });
  assert.equal(result.signal, 'SIGTERM', result.stderr);
  assert.equal(readFileSync(join(root, 'got-it'), 'utf8'), '');
});
