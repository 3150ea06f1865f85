// The command of the package: finding the program, passing on signals and exit codes.

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { PLATFORMS, findBinary } from '../worker-pack/lib/binary.js';
import { BIN, ended, program, temporaryFolder } from './program.mjs';

/** Ends a test that would never finish, in milliseconds. */
const timeout = 600_000;
const skip =
  process.platform === 'win32' && 'these tests need scripts as programs, and POSIX signals';
const posix = { timeout, skip };

/** Runs the command with another program. */
function command(path, args = [], react) {
  const env = { ...process.env, WORKER_PACK_BINARY: path };
  return ended(process.execPath, [BIN, ...args], { env }, react);
}

/** Installs packages of some platforms, with their programs. Returns a function that resolves them. */
function installed(folder, targets) {
  for (const target of targets) {
    mkdirSync(join(folder, target, 'bin'), { recursive: true });
    const name = target.startsWith('win32') ? 'worker-pack.exe' : 'worker-pack';
    writeFileSync(join(folder, target, 'bin', name), '', { mode: 0o755 });
  }
  return (name) => {
    const target = targets.find((target) => name === `@worker-pack/${target}/package.json`);
    if (!target) throw new Error(`Cannot find module '${name}'`);
    return join(folder, target, 'package.json');
  };
}

function found(folder, target, targets) {
  const [platform, arch] = target.split('-');
  return findBinary({ env: {}, platform, arch, resolvePackage: installed(folder, targets) });
}

test('the program of every platform is found in its package', (t) => {
  const folder = temporaryFolder(t);
  for (const target of PLATFORMS) {
    const name = target === 'win32-x64' ? 'worker-pack.exe' : 'worker-pack';
    assert.equal(found(folder, target, PLATFORMS), join(folder, target, 'bin', name));
  }
});

test('an unsupported platform is an error with the supported ones', (t) => {
  assert.throws(
    () => found(temporaryFolder(t), 'freebsd-x64', PLATFORMS),
    (error) => {
      assert.match(error.message, /no program for freebsd-x64, only for darwin-arm64, .*win32-x64/);
      assert.match(error.message, /WORKER_PACK_BINARY/);
      return true;
    },
  );
});

test('a missing package is an error with possible reasons', (t) => {
  assert.throws(
    () => found(temporaryFolder(t), 'darwin-arm64', []),
    (error) => {
      assert.match(error.message, /@worker-pack\/darwin-arm64 is not installed/);
      assert.match(error.message, /--omit=optional/);
      assert.match(error.message, /lock file/);
      assert.doesNotMatch(error.message, /another machine/);
      return true;
    },
  );
});

test('packages of another platform are a reason', (t) => {
  const folder = temporaryFolder(t);
  assert.throws(
    () => found(folder, 'darwin-arm64', ['darwin-x64']),
    /installed on another machine.* it contains @worker-pack\/darwin-x64\. Delete it/,
  );
});

test('a missing or non-executable program is an error with its path', posix, (t) => {
  const folder = temporaryFolder(t);
  const resolvePackage = installed(folder, ['linux-x64']);
  const find = () => findBinary({ env: {}, platform: 'linux', arch: 'x64', resolvePackage });
  chmodSync(find(), 0o644);
  assert.throws(find, /linux-x64.bin.worker-pack` is not executable.*chmod \+x/);
  mkdirSync(join(folder, 'empty'));
  const resolveEmpty = () => join(folder, 'empty', 'package.json');
  assert.throws(
    () => findBinary({ env: {}, platform: 'linux', arch: 'x64', resolvePackage: resolveEmpty }),
    /@worker-pack\/linux-x64 lacks .*reinstall it/,
  );
});

test('WORKER_PACK_BINARY takes precedence on any platform', posix, async (t) => {
  const path = program(temporaryFolder(t), 'console.log(JSON.stringify(process.argv.slice(2)))');
  const env = { WORKER_PACK_BINARY: path };
  assert.equal(findBinary({ env, platform: 'sunos', arch: 'sparc' }), path);
  const { code, stdout } = await command(path, ['build', 'a b', '--out=c', '']);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), ['build', 'a b', '--out=c', '']);
});

test('WORKER_PACK_BINARY must be a file', { timeout }, async (t) => {
  const folder = temporaryFolder(t);
  for (const path of [join(folder, 'nowhere'), folder]) {
    const { code, stdout, stderr } = await command(path);
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(stderr, `error: WORKER_PACK_BINARY is set to \`${path}\`, which is not a file\n`);
  }
});

test('a program that does not start is an error', posix, async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'no-loader');
  writeFileSync(path, '#!/nowhere/at/all\n', { mode: 0o755 });
  const { code, stderr } = await command(path);
  assert.equal(code, 1);
  assert.match(stderr, /^error: .*no-loader` does not start/);
});

test('exit codes are passed on', posix, async (t) => {
  const path = program(temporaryFolder(t), 'process.exit(Number(process.argv[2]))');
  for (const code of [0, 1, 2, 101]) {
    assert.equal((await command(path, [String(code)])).code, code);
  }
});

test('standard streams are passed through', posix, async (t) => {
  const path = program(
    temporaryFolder(t),
    'process.stdin.pipe(process.stdout); console.error("!")',
  );
  const env = { ...process.env, WORKER_PACK_BINARY: path };
  const { stdout, stderr } = await ended(process.execPath, [BIN], { env, input: 'through it' });
  assert.deepEqual([stdout, stderr], ['through it', '!\n']);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  test(`${signal} is passed on, and the program chooses its exit code`, posix, async (t) => {
    const code = `process.on('${signal}', () => { console.log('got it'); process.exit(7) });
      setInterval(() => {}, 1000); console.log('ready');`;
    const path = program(temporaryFolder(t), code);
    let isSent = false;
    const { code: exit, stdout } = await command(path, [], (printed, child) => {
      if (!isSent && printed.includes('ready')) isSent = child.kill(signal);
    });
    assert.deepEqual([exit, stdout], [7, 'ready\ngot it\n']);
  });

  test(`a program killed by ${signal} kills the command in the same way`, posix, async (t) => {
    const path = program(temporaryFolder(t), "setInterval(() => {}, 1000); console.log('ready');");
    let isSent = false;
    const result = await command(path, [], (printed, child) => {
      if (!isSent && printed.includes('ready')) isSent = child.kill(signal);
    });
    assert.deepEqual([result.code, result.signal], [null, signal]);
  });
}

test('a program killed by SIGKILL kills the command in the same way', posix, async (t) => {
  const path = program(temporaryFolder(t), "process.kill(process.pid, 'SIGKILL')");
  const { code, signal } = await command(path);
  assert.deepEqual([code, signal], [null, 'SIGKILL']);
});
