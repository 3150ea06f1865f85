// Programs for tests, and a function that runs them.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package. */
export const PACKAGE = fileURLToPath(new URL('../worker-pack/', import.meta.url));

/** The command that npm links. */
export const BIN = join(PACKAGE, 'bin/worker-pack.js');

/** Creates a folder that is removed after the test. */
export function temporaryFolder(test, parent = tmpdir()) {
  const folder = mkdtempSync(join(parent, 'worker-pack-'));
  test.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Writes an executable script. */
export function program(folder, code, name = 'program.cjs') {
  const path = join(folder, name);
  writeFileSync(path, `#!${process.execPath}\n${code}\n`, { mode: 0o755 });
  return path;
}

/**
 * Runs a program until it ends. Returns its exit code or signal, and its output.
 *
 * @param options those of `spawn`, and `input` for its standard input
 * @param {(printed: string, child: import('node:child_process').ChildProcess) => void} react called
 *   with all output so far whenever the program prints something
 */
export function ended(path, args, { input = '', ...options } = {}, react = () => {}) {
  return new Promise((resolve, reject) => {
    // However busy a machine is, nothing takes this long: it ends what would never finish.
    const child = spawn(path, args, { timeout: 600_000, killSignal: 'SIGKILL', ...options });
    child.stdin.on('error', () => {}).end(input);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => react((stdout += text), child));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
