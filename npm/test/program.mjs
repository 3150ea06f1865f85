// What the tests run in place of the program, and how they run things.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package. */
export const PACKAGE = fileURLToPath(new URL('../worker-pack/', import.meta.url));

/** The command that npm links. */
export const BIN = join(PACKAGE, 'bin/worker-pack.js');

/** Makes a folder that goes when the test ends. */
export function temporaryFolder(test, parent = tmpdir()) {
  const folder = mkdtempSync(join(parent, 'worker-pack-'));
  test.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Writes a program that runs some JavaScript. */
export function program(folder, code, name = 'program.cjs') {
  const path = join(folder, name);
  writeFileSync(path, `#!${process.execPath}\n${code}\n`, { mode: 0o755 });
  return path;
}

/**
 * Runs something until it ends, and returns how it did.
 *
 * @param options those of `spawn`, and `input`, what it reads
 * @param {(printed: string, child: import('node:child_process').ChildProcess) => void} react what
 *   to do whenever it has printed something
 */
export function ended(path, args, { input = '', ...options } = {}, react = () => {}) {
  return new Promise((resolve, reject) => {
    // Longer than anything takes: a test ends, whatever it waits for.
    const child = spawn(path, args, { timeout: 300_000, killSignal: 'SIGKILL', ...options });
    child.stdin.on('error', () => {}).end(input);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => react((stdout += text), child));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
