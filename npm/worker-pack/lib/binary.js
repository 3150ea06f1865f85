// Finds the program for this machine. Each platform has its own package. All are optional
// dependencies with `os`, `cpu` and `libc`, of which npm installs the right one.

import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** The platforms with a package, as `process.platform` and `process.arch` joined by a hyphen. */
export const PLATFORMS = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64', 'win32-x64'];

/** The environment variable with the path of another program to run. */
export const OVERRIDE = 'WORKER_PACK_BINARY';

const BY_HAND = `build the program from source (\`cargo build --release\`) and set ${OVERRIDE} to its path`;

const nodeResolve = createRequire(import.meta.url).resolve;

/**
 * Returns the path of the program.
 *
 * @param machine overrides, for tests
 * @throws if it is missing, with remedies
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
      throw new Error(`${OVERRIDE} is set to \`${override}\`, which is not a file`);
    }
    return executable(path);
  }

  const target = `${platform}-${arch}`;
  if (!PLATFORMS.includes(target)) {
    throw new Error(
      `worker-pack has no program for ${target}, only for ${PLATFORMS.join(', ')}.\n` +
        `You can ${BY_HAND}.`,
    );
  }
  const folder = packageFolder(target, resolvePackage);
  if (folder === undefined) {
    throw new Error(notInstalled(target, resolvePackage));
  }
  const path = join(folder, 'bin', platform === 'win32' ? 'worker-pack.exe' : 'worker-pack');
  if (!isFile(path)) {
    throw new Error(`the package ${packageName(target)} lacks \`${path}\`; reinstall it`);
  }
  return executable(path);
}

/** Explains why an existing program did not start. */
export function whyNotStarted(path, error) {
  if (error.code === 'EACCES') return notExecutable(path);
  // Linux also reports ENOENT if the program's loader is missing.
  if (error.code === 'ENOENT' && process.platform === 'linux' && isFile(path)) {
    return (
      `\`${path}\` does not start: the C library that it is linked with is missing.\n` +
      `${MUSL} You can ${BY_HAND}.`
    );
  }
  return `\`${path}\` does not start: ${error.message}`;
}

const MUSL = 'The packages for Linux need glibc; Alpine Linux has musl.';

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
    `the package ${packageName(target)} is not installed. It contains the program for this machine.`,
    'npm does not fail without it, since it is an optional dependency. Possible reasons:',
  ];
  if (others.length > 0) {
    lines.push(
      '- `node_modules` was installed on another machine, or by a Node.js for another processor: it ' +
        `contains ${others.map(packageName).join(' and ')}. Delete it and install again.`,
    );
  }
  lines.push(
    '- Optional dependencies were omitted (`--omit=optional`, `--no-optional`, or `omit=optional` ' +
      'in `.npmrc`). Install again without this setting.',
    '- The lock file comes from another platform and lacks this one. Delete `node_modules` and ' +
      'the lock file, and install again.',
  );
  if (target.startsWith('linux') && isMusl()) {
    lines.push(`- ${MUSL} You can ${BY_HAND}.`);
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
    `\`${path}\` is not executable. Copying \`node_modules\` or restoring it from a cache can lose ` +
    'permissions: install again, or run `chmod +x` on the file.'
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
