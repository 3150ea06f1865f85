// The cold start: what the Worker adds to the time from the start of workerd to its first response.
//
// workerd runs by itself here, without Miniflare and without bindings, so that nothing else is measured.
// It compiles and evaluates all modules before it listens: that belongs to a cold start as much as the
// first request does.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';

import workerd from 'workerd';

import { build, modules } from '../worker.mjs';
import { median, percentile } from './figure.mjs';

/** The path of the program. */
const program = workerd.default;

const ROUNDS = 25;

/** The kinds of modules in the configuration of workerd. */
const KINDS = { ESModule: 'esModule', CompiledWasm: 'wasm', Data: 'data', Text: 'text' };

const EMPTY = 'export default { fetch() { return Response.json({ success: true }); } };';

/** Writes the configurations of workerd for the Worker and an empty one. */
function configure(folder) {
  symlinkSync(build, join(folder, 'build'));
  writeFileSync(join(folder, 'empty.js'), EMPTY);
  const list = modules().map(({ type, path }) => {
    const name = relative(build, path);
    return `(name = "${name}", ${KINDS[type]} = embed "build/${name}")`;
  });
  const config = (entries) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (compatibilityDate = "2026-06-01", modules = [
    ${entries.join(',\n    ')}
  ]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
  writeFileSync(join(folder, 'worker.capnp'), config(list));
  writeFileSync(join(folder, 'empty.capnp'), config(['(name = "empty.js", esModule = embed "empty.js")']));
}

/**
 * Starts workerd, sends a request, and ends it.
 *
 * @returns {Promise<{listening: number, first: number, cpu: number}>} milliseconds until it listens, of the
 *   first request, and of the processors in both
 */
async function round(config) {
  const began = performance.now();
  const child = spawn(program, ['serve', '--control-fd=3', config], {
    // Without bindings, the Worker writes to its log that counts are lost.
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  try {
    const [line] = await Promise.race([
      once(createInterface(child.stdio[3]), 'line'),
      ended.then(() => Promise.reject(new Error(`workerd does not start with ${config}`))),
    ]);
    const { port } = JSON.parse(line);
    const listening = performance.now();
    await request(port);
    const first = performance.now();
    return { listening: listening - began, first: first - listening, cpu: cpuTime(child.pid) };
  } finally {
    child.kill();
    await ended;
  }
}

/** Returns the time that the threads of a process have run, in milliseconds. */
function cpuTime(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const time = (thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  return threads.reduce((sum, thread) => sum + time(thread), 0) / 1e6;
}

async function request(port) {
  const [response] = await once(get({ port, host: '127.0.0.1', path: '/api/voice-agent/rtc-config' }), 'response');
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200) throw new Error(`the first response is ${response.statusCode}`);
}

/** Measures the figure. */
export async function coldStart() {
  const folder = mkdtempSync(join(tmpdir(), 'voice-agent-'));
  try {
    configure(folder);
    const rounds = [];
    for (let number = 0; number < ROUNDS; number += 1) {
      rounds.push({
        empty: await round(join(folder, 'empty.capnp')),
        worker: await round(join(folder, 'worker.capnp')),
      });
    }
    const added = (part) => rounds.map(({ worker, empty }) => part(worker) - part(empty));
    const totals = added(({ listening, first }) => listening + first);
    const text = (values) => `${Math.round(median(values))} ms`;
    return [
      {
        name: 'cold start, median',
        unit: 'ms',
        measured: median(totals),
        better: '<',
        target: 100,
        aim: 50,
        note:
          'from the start of workerd to the end of its first response (GET rtc-config), less that of an empty Worker ' +
          `in the same round; ${ROUNDS} rounds. Of it, ${text(added((it) => it.listening))} is to compile and ` +
          `evaluate all modules, and ${text(added((it) => it.first))} the first request. The processors need ` +
          `${text(added((it) => it.cpu))} for it, however busy the machine is. An empty Worker needs ` +
          `${text(rounds.map(({ empty }) => empty.listening + empty.first))}.`,
      },
      { name: 'cold start, p95', unit: 'ms', measured: percentile(totals, 0.95), better: '<', target: 100, aim: 50 },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
