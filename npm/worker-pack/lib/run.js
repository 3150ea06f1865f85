// Runs the program: hands it the signals that this process gets, and tells how it ended.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import { whyNotStarted } from './binary.js';

/** What asks a process to end. On Windows a console sends it to all its processes by itself. */
const SIGNALS = process.platform === 'win32' ? [] : ['SIGHUP', 'SIGINT', 'SIGTERM'];

/**
 * Runs the program until it ends.
 *
 * @param {string} path
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<{ code: number | null, signal: string | null, received: string | undefined,
 *   stdout: string, stderr: string }>} how it ended, what it wrote into pipes, and the signal that
 *   was passed on to it, if any
 */
export async function run(path, args, options) {
  let child;
  let received;
  const pass = (signal) => {
    received = signal;
    child?.kill(signal);
  };
  // From before there is a child until after it: no signal gets lost or leaves it behind.
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

/** Ends this process the way the program ended. */
export function endLike({ code, signal }) {
  // What counts if the signal does not end this process.
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  if (signal) process.kill(process.pid, signal);
}

function collect(stream) {
  const chunks = [];
  stream?.setEncoding('utf8').on('data', (chunk) => chunks.push(chunk));
  return chunks;
}
