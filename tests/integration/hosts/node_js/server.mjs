// A server that uses Node.js in the ways that servers do, and answers with everything that it found. It is
// the first module of a build by either adapter.

import assert from 'node:assert';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Buffer as NodeBuffer } from 'node:buffer';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import nodeProcess from 'node:process';
import querystring from 'node:querystring';
import { PassThrough, Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as later } from 'node:timers';
import { domainToASCII, fileURLToPath } from 'node:url';
import util from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { atLoad } from './chunks/at-load.mjs';

const tag = (value) => Object.prototype.toString.call(value);

/** Returns a result as text, or the kind of error that it ends with. */
async function attempt(use) {
  try {
    return String(await use());
  } catch (error) {
    // The names of modules depend on the file that imports them.
    return /^No such module/.test(error.message) ? 'no module' : `${error.name}: ${error.message}`;
  }
}

const imported = {
  assert: () => assert.throws(() => assert.equal(1, 2)) ?? 'throws',
  async_hooks: () => new AsyncLocalStorage().run('stored', () => 'run'),
  buffer: () => NodeBuffer.from('Grüße').toString('base64'),
  crypto: () =>
    createHash('md5').update('a').digest('hex') +
    createHmac('sha256', 'k').update('a').digest('base64') +
    timingSafeEqual(NodeBuffer.from('a'), NodeBuffer.from('a')),
  events: async () => {
    const emitter = new EventEmitter();
    queueMicrotask(() => emitter.emit('tide', 'in'));
    return (await once(emitter, 'tide'))[0];
  },
  path: () => path.join('/a', '../b', 'c') + path.extname('x.tar.gz'),
  querystring: () => querystring.stringify(querystring.parse('a=1&b=x%20y')),
  stream: async () => {
    const parts = [];
    for await (const part of Readable.from(['one', 'two']).pipe(new PassThrough())) parts.push(part);
    return parts.join();
  },
  string_decoder: () => new StringDecoder('utf8').write(NodeBuffer.from([0xe2, 0x82, 0xac])),
  timers: () => new Promise((resolve) => later(resolve, 1, 'rang')),
  url: () => fileURLToPath('file:///a%20b') + domainToASCII('grüße.example'),
  util: () => util.format('%s %d %j', 'a', 1, { b: 2 }) + util.inspect(new Map([[1, { a: [] }]])),
  zlib: () => gunzipSync(gzipSync('squeezed')).toString(),
};

// Present from some date on. Before it, there are polyfills or nothing.
const dated = {
  fs: async () => (await import('node:fs')).existsSync('/nowhere'),
  'fs without prefix': async () => {
    const { default: fs } = await import('fs').catch(() => ({ default: {} }));
    return typeof fs.readFileSync + typeof fs.promises;
  },
  http: async () => Object.keys((await import('node:http')).default).sort(),
  os: async () => {
    const os = await import('node:os');
    return JSON.stringify([os.EOL, os.platform(), os.type(), os.cpus().length]);
  },
  perf_hooks: async () => typeof (await import('node:perf_hooks')).performance.mark,
  punycode: async () => (await import('node:punycode')).default.toASCII('grüße'),
  tty: async () => (await import('node:tty')).isatty(1),
  v8: async () => typeof (await import('node:v8')).serialize,
  vm: async () => typeof (await import('node:vm')).Script,
  worker_threads: async () => (await import('node:worker_threads')).isMainThread,
  child_process: async () => typeof (await import('node:child_process')).spawn,
  dns: async () => typeof (await import('node:dns')).promises.resolve4,
};

const globals = {
  'at load': () => JSON.stringify(atLoad),
  process: () => `${typeof process} ${tag(globalThis.process)} ${process === nodeProcess}`,
  'process as text': () => `${process}`,
  'process.env': () => JSON.stringify([process.env.GREETING, process.env.NODE_ENV, typeof process.env]),
  'process.version': () => JSON.stringify([process.version, process.versions?.node, process.platform]),
  'process.nextTick': () => new Promise((resolve) => process.nextTick(resolve, 'ticked')),
  'process.cwd': () => process.cwd(),
  'process.hrtime': () => `${typeof process.hrtime()[0]} ${typeof process.hrtime.bigint()}`,
  'process.stdout': () => typeof process.stdout + typeof process.stdout?.write,
  'process.argv': () => JSON.stringify(process.argv),
  'process.memoryUsage': () => typeof process.memoryUsage(),
  'process.keys': () => Object.keys(process).sort().join(),
  Buffer: () => `${typeof Buffer} ${globalThis.Buffer === NodeBuffer}`,
  others: () => [typeof global, typeof setImmediate, typeof clearImmediate, typeof require].join(),
  console: () => [typeof console.Console, typeof console.time, tag(console)].join(),
  performance: () => [typeof performance.mark, typeof performance.timeOrigin].join(),
};

const isNode = typeof process !== 'undefined' && tag(process) === '[object process]';

/** A body as Astro renders it: what `Response` takes depends on whether it believes to be in Node.js. */
function page() {
  async function* parts() {
    yield new TextEncoder().encode('<!doctype html>');
    yield new TextEncoder().encode('<p>tide table</p>');
  }
  const stream = () => ReadableStream.from?.(parts()) ?? new Blob(['no streams']).stream();
  return new Response(isNode ? { [Symbol.asyncIterator]: parts } : stream(), {
    headers: { 'content-type': 'text/html' },
  });
}

export default {
  async fetch(request) {
    if (new URL(request.url).pathname === '/page') return page();
    const found = [];
    for (const [name, use] of Object.entries({ ...imported, ...dated, ...globals })) {
      found.push(`${name}: ${await attempt(use)}`);
    }
    return new Response(found.join('\n'), { headers: { 'content-type': 'text/plain' } });
  },
};
