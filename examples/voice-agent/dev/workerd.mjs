// The process of workerd behind a Miniflare, and the memory of its isolates.
//
// V8 leaves garbage for as long as memory is plentiful, and the memory of a process says nothing until it
// is collected. That is done by the inspector, so Miniflare needs the option `inspectorPort: 0`.

import { readFileSync, readdirSync } from 'node:fs';
import { once } from 'node:events';

import { WebSocket } from 'ws';

/** The isolates that requests pass: Miniflare's own, and that of the Worker. */
const ISOLATES = /^core:(entry|user:.*)$/;

/** Returns the fields of `/proc/<pid>/stat` behind the name: the state, the parent, … */
function stat(pid) {
  try {
    const [, name, fields] = /^\d+ \((.*)\) (.*)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return { name, fields: fields.split(' ') };
  } catch {
    // The process has ended.
    return { name: '', fields: [] };
  }
}

/** Returns the newest process of workerd that this process has started. */
function newest() {
  const found = readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => ({ pid: Number(pid), ...stat(pid) }))
    .filter(({ name, fields }) => name === 'workerd' && Number(fields[1]) === process.pid)
    .sort((a, b) => Number(a.fields[19]) - Number(b.fields[19]))
    .pop();
  if (found === undefined) throw new Error('this process has no workerd');
  return found.pid;
}

/** A session of the inspector with an isolate. */
class Inspector {
  #socket;
  #waiting = new Map();
  #number = 0;

  static async open(name, address) {
    const socket = new WebSocket(address);
    await once(socket, 'open');
    return new Inspector(name, socket);
  }

  constructor(name, socket) {
    this.name = name;
    this.#socket = socket;
    socket.on('message', (text) => {
      const { id, method, params, result, error } = JSON.parse(text);
      if (method === 'Runtime.executionContextCreated') this.context = params.context.id;
      const waiting = this.#waiting.get(id);
      if (error) waiting?.reject(new Error(`${name}: ${error.message}`));
      else waiting?.resolve(result);
      this.#waiting.delete(id);
    });
  }

  send(method, params = {}) {
    const id = (this.#number += 1);
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#socket.send(JSON.stringify({ id, method, params }));
    return answer;
  }

  close() {
    this.#socket.close();
  }
}

/** A process of workerd. */
export class Workerd {
  #inspectors;
  #touch;

  /**
   * Finds the process of a Miniflare, which is the last one that was started.
   *
   * @param {import('miniflare').Miniflare} miniflare
   * @param {() => Promise<unknown>} touch sends a request to the Worker
   */
  static async of(miniflare, touch) {
    const { host } = await miniflare.getInspectorURL();
    const isolates = await (await fetch(`http://${host}/json`)).json();
    const known = isolates.filter(({ id }) => ISOLATES.test(id));
    const inspectors = await Promise.all(known.map(({ id }) => Inspector.open(id, `ws://${host}/${id}`)));
    return new Workerd(newest(), inspectors, touch);
  }

  constructor(pid, inspectors, touch) {
    this.pid = pid;
    this.#inspectors = inspectors;
    this.#touch = touch;
  }

  /** Ends the sessions with the inspector. */
  close() {
    this.#inspectors.forEach((inspector) => inspector.close());
  }

  /** Collects the garbage of the isolates. */
  async collect() {
    let left = this.#inspectors.length;
    const collected = this.#inspectors.map(async (inspector) => {
      const methods = ['Runtime.enable', 'HeapProfiler.enable', 'HeapProfiler.collectGarbage'];
      await Promise.all(methods.map((method) => inspector.send(method)));
      left -= 1;
    });
    // It is done between two turns of an isolate, and only requests make it turn.
    while (left > 0) await this.#touch();
    await Promise.all(collected);
  }

  /** Returns the memory of the process that is its own, in bytes: without the program's file. */
  resident() {
    const [, kilobytes] = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
    return Number(kilobytes) * 1024;
  }

  /** Returns the memory of the Worker's isolate, in bytes: what V8 has for its objects, and that of Wasm. */
  async isolate() {
    const worker = this.#inspectors.find(({ name }) => name.startsWith('core:user'));
    const heap = await worker.send('Runtime.getHeapUsage');
    return {
      used: heap.usedSize + heap.embedderHeapUsedSize + heap.backingStorageSize,
      heap: heap.totalSize + heap.embedderHeapUsedSize + heap.backingStorageSize,
      wasm: await wasmMemory(worker),
    };
  }
}

/** Returns the length of all memories of Wasm in an isolate. */
async function wasmMemory(inspector) {
  const { result } = await inspector.send('Runtime.evaluate', {
    contextId: inspector.context,
    expression: 'WebAssembly.Memory.prototype',
  });
  const { objects } = await inspector.send('Runtime.queryObjects', { prototypeObjectId: result.objectId });
  const { result: length } = await inspector.send('Runtime.callFunctionOn', {
    objectId: objects.objectId,
    functionDeclaration: 'function () { return this.reduce((sum, { buffer }) => sum + buffer.byteLength, 0); }',
    returnByValue: true,
  });
  return length.value;
}
