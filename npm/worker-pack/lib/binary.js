// Finds the program for this machine. It lies in a package of its own, one for each platform, of
// which npm installs the right one: they are optional dependencies with `os`, `cpu` and `libc`.

import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** The platforms that there is a package for, as `process.platform` and `process.arch` say them. */
export const PLATFORMS = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64', 'win32-x64'];

/** Names a program to run instead. */
export const OVERRIDE = 'WORKER_PACK_BINARY';

const BY_HAND =
  'build the program from its source, `cargo build --release`, and set ' +
  `${OVERRIDE} to its path`;

const nodeResolve = createRequire(import.meta.url).resolve;

/**
 * Returns the path of the program.
 *
 * @param machine what the tests say is something else
 * @throws if there is none, with what to do about it
 */
export function findBinary({
  env = process.env,
  platform = process.platform,
  arch = process.arch,
  resolvePackage = nodeResolve,
} = {}) {
  const override = env[OVERRIDE];
  if (override) {
    const path = resolve(override);
    if (!isFile(path)) {
      throw new Error(`${OVERRIDE} is set to \`${override}\`, and there is no such file`);
    }
    return executable(path);
  }

  const target = `${platform}-${arch}`;
  if (!PLATFORMS.includes(target)) {
    throw new Error(
      `worker-pack has no program for ${target}, only for ${PLATFORMS.join(', ')}.\n` +
        `What you can do: ${BY_HAND}.`,
    );
  }
  const folder = packageFolder(target, resolvePackage);
  if (folder === undefined) {
    throw new Error(notInstalled(target, resolvePackage));
  }
  const path = join(folder, 'bin', platform === 'win32' ? 'worker-pack.exe' : 'worker-pack');
  if (!isFile(path)) {
    throw new Error(`the package ${packageName(target)} lacks \`${path}\`; install it again`);
  }
  return executable(path);
}

/** Says why a program that is there did not start. */
export function whyNotStarted(path, error) {
  if (error.code === 'EACCES') return notExecutable(path);
  // The system says so too when it is the program's loader that is not there.
  if (error.code === 'ENOENT' && process.platform === 'linux' && isFile(path)) {
    return (
      `\`${path}\` does not start, since the C library that it was linked with is not there.\n` +
      `${MUSL} What you can do: ${BY_HAND}.`
    );
  }
  return `\`${path}\` does not start: ${error.message}`;
}

const MUSL = 'The packages for Linux are for glibc, not for musl (Alpine Linux).';

function packageName(target) {
  return `@worker-pack/${target}`;
}

function packageFolder(target, resolvePackage) {
  try {
    return dirname(resolvePackage(`${packageName(target)}/package.json`));
  } catch {
    return undefined;
  }
}

function notInstalled(target, resolvePackage) {
  const others = PLATFORMS.filter((other) => packageFolder(other, resolvePackage) !== undefined);
  const lines = [
    `the package ${packageName(target)} is not installed, which has the program for this machine.`,
    'It is an optional dependency of worker-pack, so npm goes on without it. Why that may be:',
  ];
  if (others.length > 0) {
    lines.push(
      '- `node_modules` was made on another machine, or with a Node.js for another processor: it ' +
        `has ${others.map(packageName).join(' and ')}. Delete it, and install here.`,
    );
  }
  lines.push(
    '- Optional dependencies were left out (`--omit=optional`, `--no-optional`, `omit=optional` ' +
      'in `.npmrc`). Install again without that.',
    '- The lock file was written on another platform and lacks this one. Delete `node_modules` ' +
      'and the lock file, and install again.',
  );
  if (target.startsWith('linux') && isMusl()) {
    lines.push(`- ${MUSL} In that case, ${BY_HAND}.`);
  }
  return lines.join('\n');
}

function executable(path) {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Error(notExecutable(path));
  }
  return path;
}

function notExecutable(path) {
  return (
    `\`${path}\` is not executable. Permissions get lost when \`node_modules\` is copied or ` +
    'taken from a cache; install again, or `chmod +x` the file.'
  );
}

function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isMusl() {
  if (process.platform !== 'linux' || !process.report) return false;
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime === undefined;
}
