// The options of the integration, and the flags that they become.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import workerPack from '../worker-pack/lib/astro.js';
import { LIMIT_NAMES, OPTION_NAMES, toFlags, toPath } from '../worker-pack/lib/options.js';
import { PACKAGE } from './program.mjs';

const root = join(import.meta.dirname, 'project');

test('every option becomes a flag of the same name', () => {
  const options = {
    config: 'pack.toml',
    minify: ['html', 'css'],
    cssTargets: ['defaults', 'chrome > 100'],
    keepComments: ['@generated', 'cut here'],
    encodings: ['br', 'gzip'],
    effort: 'balanced',
    pictures: 'lossy',
    pictureQuality: 80,
    identity: 'stored',
    sourceMaps: 'publish',
    dotfiles: 'leave-out',
    rule: [
      { paths: '/fonts/*', cache: 'public, max-age=60', encodings: [] },
      { paths: ['/a b/**', '*.txt'], minify: 'off', publish: true, contentType: 'text/plain' },
      { paths: '/c', minify: ['html', 'css'], encodings: ['gzip'], publish: false },
    ],
    budgets: [
      { limit: '170 kB', page: '/blog/*', type: 'text/javascript', name: 'Scripts of posts' },
      { limit: 5000, file: ['/_astro/*', '!client.js'], coding: 'gzip' },
    ],
    keep: { builds: 5, maxAge: '2d', maxBytes: '1 MB', store: 'kept' },
    fingerprints: 'public',
    integrity: 'add',
    strictness: 'strict',
    earlyHints: true,
    dictionaries: 'pages',
    csp: 'hashes',
    cspAttributes: 'hash',
    cspAdd: ['script-src https://a.example', "frame-ancestors 'none'"],
    compat: 'pages',
    htmlHandling: 'none',
    notFoundHandling: '404-page',
    fidelity: 'strict',
    cacheDir: 'cache',
    cacheSize: '2 GB',
    engine: 'engine.wasm',
    headersOnSsr: false,
    serverCode: 'original',
    spillAbove: '1 MB',
    budget: '20 MB',
    spillTo: 'r2',
    deployConfig: 'packed',
    siteData: 'modules',
    limits: {
      size: '10 MiB',
      gzipMarks: ['1 MB', '3 MB'],
      memory: '64 MB',
      startupMark: 400,
      staticAsset: '5 MiB',
      staticAssets: 100,
      r2Upload: '100 MiB',
    },
    args: ['--quiet'],
  };
  assert.deepEqual(toFlags(options, root), [
    `--config=${join(root, 'pack.toml')}`,
    '--minify=html,css',
    '--css-targets=defaults',
    '--css-targets=chrome > 100',
    '--keep-comments=@generated',
    '--keep-comments=cut here',
    '--encodings=br,gzip',
    '--effort=balanced',
    '--pictures=lossy',
    '--picture-quality=80',
    '--identity=stored',
    '--source-maps=publish',
    '--dotfiles=leave-out',
    '--rule=/fonts/* encodings=off cache=public, max-age=60',
    '--rule=/a b/** *.txt minify=off publish=true content-type=text/plain',
    '--rule=/c minify=html,css encodings=gzip publish=false',
    '--budgets=170 kB page=/blog/* type=text/javascript name=Scripts of posts',
    '--budgets=5000 file=/_astro/* file=!client.js coding=gzip',
    `--keep=builds=5 max-age=2d max-bytes=1 MB store=${join(root, 'kept')}`,
    '--fingerprints=public',
    '--integrity=add',
    '--strictness=strict',
    '--early-hints=on',
    '--dictionaries=pages',
    '--csp=hashes',
    '--csp-attributes=hash',
    '--csp-add=script-src https://a.example',
    "--csp-add=frame-ancestors 'none'",
    '--compat=pages',
    '--html-handling=none',
    '--not-found-handling=404-page',
    '--fidelity=strict',
    `--cache-dir=${join(root, 'cache')}`,
    '--cache-size=2 GB',
    `--engine=${join(root, 'engine.wasm')}`,
    '--headers-on-ssr=off',
    '--server-code=original',
    '--spill-above=1 MB',
    '--budget=20 MB',
    '--spill-to=r2',
    '--deploy-config=packed',
    '--site-data=modules',
    '--limit-size=10 MiB',
    '--limit-gzip-marks=1 MB,3 MB',
    '--limit-memory=64 MB',
    '--limit-startup-mark=400',
    '--limit-static-asset=5 MiB',
    '--limit-static-assets=100',
    '--limit-r2-upload=100 MiB',
    '--quiet',
  ]);
  const passedByTheIntegration = ['dist', 'out', 'target'];
  assert.deepEqual(
    [...Object.keys(options), ...passedByTheIntegration].sort(),
    OPTION_NAMES.toSorted(),
  );
  assert.deepEqual(Object.keys(options.limits).sort(), LIMIT_NAMES.toSorted());
});

test('the types declare every option', () => {
  const types = readFileSync(join(PACKAGE, 'lib/astro.d.ts'), 'utf8');
  const members = (name) => {
    const [, body] = new RegExp(`interface ${name} \\{\n(.*?)\n\\}`, 's').exec(types);
    return [...body.matchAll(/^  (\w+)\?:/gm)].map(([, member]) => member);
  };
  assert.deepEqual(members('WorkerPackOptions').sort(), OPTION_NAMES.toSorted());
  assert.deepEqual(members('WorkerLimits').sort(), LIMIT_NAMES.toSorted());
});

test('missing options become no flags, and empty lists become off', () => {
  assert.deepEqual(toFlags({}, root), []);
  assert.deepEqual(toFlags({ dist: 'a', out: 'b', target: 'rust', limits: {} }, root), []);
  assert.deepEqual(toFlags({ minify: undefined, args: [] }, root), []);
  assert.deepEqual(toFlags({ minify: [], encodings: [], limits: { gzipMarks: [] } }, root), [
    '--minify=off',
    '--encodings=off',
    '--limit-gzip-marks=off',
  ]);
  assert.deepEqual(toFlags({ minify: 'off', encodings: 'off' }, root), ['--minify=off', '--encodings=off']);
});

test('earlier builds are kept by a switch, a number or bounds', () => {
  for (const [keep, text] of [[true, 'on'], [false, 'off'], [3, '3'], [{}, 'on'], [{ builds: 2 }, 'builds=2']]) {
    assert.deepEqual(toFlags({ keep }, root), [`--keep=${text}`]);
  }
});

test('paths are URLs or relative to the project', () => {
  assert.equal(toPath('out', root), join(root, 'out'));
  assert.equal(toPath(pathToFileURL(root), '/elsewhere'), root);
});

test('an unknown option is an error with the known ones', () => {
  assert.throws(() => workerPack({ brotli: 11 }), /no option `brotli`, only dist, out, target, /);
  assert.throws(() => workerPack({ toString: 1 }), /no option `toString`/);
});

test('a value of another form is an error with the expected form', () => {
  const wrong = {
    dist: 7,
    out: new URL('https://example.com/'),
    target: '',
    config: {},
    minify: 'html',
    cssTargets: [1],
    encodings: { br: true },
    sourceMaps: false,
    dotfiles: null,
    strictness: true,
    earlyHints: 'on',
    limits: { size: 1 },
    args: '--quiet',
  };
  for (const [name, value] of Object.entries(wrong)) {
    assert.throws(() => workerPack({ [name]: value }), new RegExp(`option \`${name}\` .*must be`));
  }
  const rules = [
    { '/fonts/*': 'immutable' },
    { paths: '/a', cache: 'immutable', for: 'ever' },
    { paths: [], cache: 'immutable' },
    { paths: '/a cache=b', cache: 'immutable' },
    { paths: '/a', minify: 'css' },
    { paths: '/a', publish: 'yes' },
    null,
  ];
  for (const rule of rules) {
    assert.throws(
      () => workerPack({ rule: [rule] }),
      /`rule` .*an array of objects with `paths` and some of `minify`/,
    );
  }
  for (const keep of [null, 'on', -1, [], { build: 1 }, { builds: '1' }, { maxAge: 7 }, { store: 1 }]) {
    assert.throws(() => workerPack({ keep }), /`keep` .*must be `true`, `false`, a number of builds/);
  }
  for (const limits of [null, { weight: '1 MB' }, { staticAssets: 1.5 }, { gzipMarks: '3 MB' }]) {
    assert.throws(() => workerPack({ limits }), /`limits` .*must be an object with some of size, /);
  }
});
