// Joins a Worker's program, which is written in Rust, with the scripts beside it: the program decides the
// replies, and `assets.js` makes responses of them. wasm-bindgen puts this script beside the program.

import { env } from 'cloudflare:workers';

import { Assets, failure } from './assets.js';
import { Engine, load } from './engine.js';
import { r2 } from './r2.js';
import { staticAssets } from './static_assets.js';

// The numbers are those of the module `exchange::questions`, one of whose tests compares them.
const QUESTIONS = ['input', 'respond', 'respond_to_server', 'not_found', 'header_changes', 'load'];

/** The values that the program and the modules around it share. These modules set the server and the decoder. */
const shared = (globalThis[Symbol.for('worker-pack')] ??= {});
shared.failure = failure;

/** The tables of the program. */
const tables = [];

/**
 * Makes a table of the program answer requests.
 *
 * @param {number} table the number of the table
 * @param {WebAssembly.Memory} memory the program's memory
 * @param {(question: number, length: number, status: number) => number} ask asks the program
 * @param {((brotli: Uint8Array, length: number) => Uint8Array) | undefined} decode the program's own
 *   decoder
 */
export function start(table, memory, ask, decode) {
  startWith(table, functions(memory, ask), decode, []);
}

/** Does the same for the table in the modules of this Worker, which contain the bodies too. */
export function startOfHost(table, memory, ask, decode) {
  if (shared.data === undefined) {
    throw new Error('the program expects the site in modules, which are missing: build it again');
  }
  const exports = functions(memory, ask);
  load(exports, shared.data.table);
  startWith(table, exports, decode, shared.data.modules);
}

/** Makes exports like those of the engine, which ask the program. */
function functions(memory, ask) {
  const exports = { memory };
  QUESTIONS.forEach((name, question) => {
    exports[name] = (length, status = 0) => ask(question, length, status);
  });
  return exports;
}

/** Makes a table answer requests, by exports like those of the engine. */
function startWith(table, exports, decode, modules) {
  tables[table] = new Assets({
    engine: new Engine(() => exports),
    modules,
    decode: async (brotli, length) => (decode ?? shared.decode)(brotli, length),
    stores: [staticAssets(() => env.WORKER_PACK_ASSETS), r2(() => env.WORKER_PACK_BODIES)],
  });
  // The binding `env.ASSETS` of the server answers from the first one.
  shared.assets = tables[0];
}

/** Returns the response to a client, a promise of it, or the request for the Worker's own code. */
export function answer(table, request) {
  const { response, request: forServer } = tables[table].answer(request);
  return response ?? forServer;
}

/** Returns the asset at a path even if the path belongs to the Worker's own code, or the 404 page. */
export function guardedAsset(table, request) {
  return tables[table].guarded(request);
}

/** Returns the 404 page. */
export function notFound(table, request) {
  return tables[table].notFound(request);
}

/** Applies the header rules of the site to a response. */
export function finish(table, request, response) {
  return tables[table].changeHeaders(request, response);
}

/**
 * Returns a promise of the response of the site's server, or nothing without a server. One that fails
 * before its response is answered for here, since the error has its stack here.
 */
export function askServer(request, env, context) {
  return shared.server === undefined ? undefined : serverResponse(request, env, context);
}

async function serverResponse(request, env, context) {
  try {
    const response = await shared.server(request, env, context);
    if (!(response instanceof Response)) {
      throw new TypeError(`it returned ${response}, not a Response`);
    }
    return shared.headersOnServer ? shared.assets.changeHeaders(request, response) : response;
  } catch (error) {
    console.error(`worker-pack: the server failed at ${request.method} ${request.url}:`, error);
    return failure(500);
  }
}
