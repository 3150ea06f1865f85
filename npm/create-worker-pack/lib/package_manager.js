// The package manager that runs this program.

import { spawn } from 'node:child_process';

const KNOWN = ['npm', 'pnpm', 'yarn', 'bun'];

/**
 * Returns the package manager by the text with which it introduces itself, such as
 * `pnpm/10.0.0 npm/? node/v22.12.0 linux x64`; npm if there is none.
 */
export function packageManager(userAgent = '') {
  const name = userAgent.split('/')[0];
  return KNOWN.includes(name) ? name : 'npm';
}

/** Installs the packages of a project. Returns whether that succeeded. */
export function install(manager, folder) {
  return new Promise((resolve) => {
    // npm is a script on Windows, which only a shell starts.
    const options = { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' };
    const child = spawn(manager, ['install'], options);
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
}
