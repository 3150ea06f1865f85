// Consistency of the packages.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { PLATFORMS } from '../worker-pack/lib/binary.js';
import { PACKAGE } from './program.mjs';

const read = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const main = read(PACKAGE);
const folder = (platform) => join(PACKAGE, '../platform', platform);

test('every platform has a package that is an optional dependency', () => {
  const names = PLATFORMS.map((platform) => `@worker-pack/${platform}`);
  assert.deepEqual(Object.keys(main.optionalDependencies).sort(), names.toSorted());
  assert.deepEqual(readdirSync(folder('')).sort(), PLATFORMS.toSorted());
});

test('platform packages declare their platform and the same version', () => {
  for (const platform of PLATFORMS) {
    const found = read(folder(platform));
    const [os, cpu] = platform.split('-');
    assert.equal(found.name, `@worker-pack/${platform}`);
    assert.equal(found.version, main.version);
    assert.equal(main.optionalDependencies[found.name], main.version);
    assert.deepEqual([found.os, found.cpu], [[os], [cpu]]);
    assert.deepEqual(found.libc, os === 'linux' ? ['glibc'] : undefined);
    assert.equal(found.files[0], os === 'win32' ? 'bin/worker-pack.exe' : 'bin/worker-pack');
    assert.equal(found.license, main.license);
    assert.equal(found.bin ?? found.scripts, undefined);
  }
});

test('installation runs no scripts, and exported files exist', () => {
  assert.equal(main.scripts ?? main.dependencies, undefined);
  for (const entry of Object.values(main.exports)) {
    for (const file of Object.values(typeof entry === 'string' ? { entry } : entry)) {
      assert.ok(existsSync(join(PACKAGE, file)), file);
    }
  }
});
