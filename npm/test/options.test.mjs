// The options of the integration, as the flags of the command.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import workerPack from '../worker-pack/lib/astro.js';
import { OPTION_NAMES, toFlags, toPath } from '../worker-pack/lib/options.js';

const root = join(import.meta.dirname, 'project');

test('each option is a flag', () => {
  const options = {
    config: 'pack.toml',
    minify: ['html', 'css'],
    cssTargets: ['defaults', 'chrome > 100'],
    encodings: ['br', 'gzip'],
    sourceMaps: 'publish',
    dotfiles: 'leave-out',
    strict: true,
    cache: [
      { paths: '/fonts/*', policy: 'immutable' },
      { paths: '/*.pdf', policy: 'public, max-age=60' },
    ],
    effort: 'balanced',
    cacheDir: 'cache',
    identity: 'stored',
    earlyHints: true,
    compat: 'pages',
    htmlHandling: 'none',
    notFoundHandling: '404-page',
    strictCompat: true,
    headersOnSsr: true,
    serverCode: 'original',
    spillAbove: '1 MB',
    budget: '20 MB',
    args: ['--quiet'],
  };
  assert.deepEqual(toFlags(options, root), [
    `--config=${join(root, 'pack.toml')}`,
    '--minify=html,css',
    '--css-target=defaults',
    '--css-target=chrome > 100',
    '--encodings=br,gzip',
    '--source-maps=publish',
    '--dotfiles=leave-out',
    '--strict',
    '--cache=/fonts/*=immutable',
    '--cache=/*.pdf=public, max-age=60',
    '--effort=balanced',
    `--cache-dir=${join(root, 'cache')}`,
    '--identity=stored',
    '--early-hints',
    '--compat=pages',
    '--html-handling=none',
    '--not-found-handling=404-page',
    '--strict-compat',
    '--headers-on-ssr',
    '--server-code=original',
    '--spill-above=1 MB',
    '--budget=20 MB',
    '--quiet',
  ]);
  const others = ['dist', 'out', 'host'];
  assert.deepEqual([...Object.keys(options), ...others].sort(), OPTION_NAMES.toSorted());
});

test('what is not given is no flag, and an empty list is none', () => {
  assert.deepEqual(toFlags({}, root), []);
  assert.deepEqual(toFlags({ dist: 'a', out: 'b', host: 'rust', strict: false }, root), []);
  assert.deepEqual(toFlags({ minify: undefined, args: [] }, root), []);
  assert.deepEqual(toFlags({ minify: [], encodings: [] }, root), [
    '--minify=none',
    '--encodings=none',
  ]);
});

test('paths are relative to the project, or URLs', () => {
  assert.equal(toPath('out', root), join(root, 'out'));
  assert.equal(toPath(pathToFileURL(root), '/elsewhere'), root);
});

test('an unknown option is named', () => {
  assert.throws(
    () => workerPack({ brotli: 11 }),
    /no option `brotli`\. There are dist, out, host, /,
  );
  assert.throws(() => workerPack({ toString: 1 }), /no option `toString`/);
});

test('a value of another form is named with the form it has to have', () => {
  const wrong = {
    dist: 7,
    out: new URL('https://example.com/'),
    host: '',
    config: {},
    minify: 'html',
    cssTargets: [1],
    encodings: { br: true },
    sourceMaps: false,
    dotfiles: null,
    strict: 'yes',
    args: '--strict',
  };
  for (const [name, value] of Object.entries(wrong)) {
    assert.throws(
      () => workerPack({ [name]: value }),
      new RegExp(`option \`${name}\` .*has to be`),
    );
  }
  const rules = [
    { '/fonts/*': 'immutable' },
    { paths: '/a', policy: 'immutable', for: 'ever' },
    { paths: '/a' },
    { paths: '/a=b', policy: 'immutable' },
    null,
  ];
  for (const rule of rules) {
    assert.throws(() => workerPack({ cache: [rule] }), /`cache` .*`\{ paths, policy \}`/);
  }
});
