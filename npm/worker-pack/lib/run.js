// Runs the program, and passes the signals of this process on to it.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import { whyNotStarted } from './binary.js';

/** Signals that end a process. On Windows the console itself sends them to all its processes. */
const SIGNALS = process.platform === 'win32' ? [] : ['SIGHUP', 'SIGINT', 'SIGTERM'];

/**
 * Runs the program until it ends.
 *
 * @param {string} path
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<{ code: number | null, signal: string | null, received: string | undefined,
 *   stdout: string, stderr: string }>} the exit code or signal of the program, its piped output, and
 *   the signal that was passed on to it, if any
 */
export async function run(path, args, options) {
  let child;
  let received;
  const pass = (signal) => {
    received = signal;
    child?.kill(signal);
  };
  // Listen before the child starts and until it has ended, so that no signal is lost.
  for (const signal of SIGNALS) process.on(signal, pass);
  try {
    return await new Promise((resolve, reject) => {
      const fail = (error) => reject(new Error(whyNotStarted(path, error), { cause: error }));
      try {
        child = spawn(path, args, options);
      } catch (error) {
        return fail(error);
      }
      const stdout = collect(child.stdout);
      const stderr = collect(child.stderr);
      child.on('error', fail);
      child.on('close', (code, signal) => {
        resolve({ code, signal, received, stdout: stdout.join(''), stderr: stderr.join('') });
      });
    });
  } finally {
    for (const signal of SIGNALS) process.off(signal, pass);
  }
}

/** Ends this process with the exit code or signal of the program. */
export function endLike({ code, signal }) {
  // In case the signal does not end this process.
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  if (signal) process.kill(process.pid, signal);
}

function collect(stream) {
  const chunks = [];
  stream?.setEncoding('utf8').on('data', (chunk) => chunks.push(chunk));
  return chunks;
}
