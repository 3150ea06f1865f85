// The first module of a Worker whose program is written in Rust.

import { WorkerEntrypoint } from 'cloudflare:workers';

import { HANDLERS, serverFetch } from './worker.js';

/** What the program and the modules around it tell each other. `program.js` sets the assets. */
export const shared = (globalThis[Symbol.for('worker-pack')] ??= {});

/** The binding `env.ASSETS`, which answers from the program's table. */
export const assets = { fetch: (input, init) => shared.assets.fetch(input, init) };

/**
 * Makes the Worker of a program and a server. The program gets every request, and calls the server. Of
 * the other handlers, those that the program lacks are the server's.
 *
 * @param {typeof WorkerEntrypoint} Program the default export of the program
 * @param {object} [server] the default export of the server's entry: an object with handlers, or a class
 *   of them
 * @param {object} [bindings] the result of `bindAssets`
 */
export function programWorker(Program, server, bindings) {
  if (server !== undefined) shared.server = serverFetch(server, bindings);
  const { fetch } = Program.prototype;
  if (fetch === undefined) throw new Error('the program has no handler: add `#[event(fetch)]`');
  // Without an instance of the class, which is a proxy and costs a tenth of a request. An instance
  // would only be used for its environment and context.
  const worker = { fetch: (request, env, ctx) => fetch.call({ env, ctx }, request) };
  for (const name of HANDLERS) {
    const handler = handlerOf(Program, name) ?? handlerOf(server, name);
    if (handler !== undefined) worker[name] = handler;
  }
  return methodsOf(Program).length > 0 ? withMethods(worker, Program) : worker;
}

/** Returns a handler of a class or of an object with handlers, if it has one of that name. */
function handlerOf(handlers, name) {
  if (typeof handlers === 'function') {
    if (!(name in handlers.prototype)) return undefined;
    return (event, env, ctx) => new handlers(ctx, env)[name](event);
  }
  if (typeof handlers?.[name] !== 'function') return undefined;
  return (...parameters) => handlers[name](...parameters);
}

/** Returns the names of the functions that a program offers to other Workers, by RPC. */
function methodsOf(Program) {
  const others = ['constructor', 'fetch', ...HANDLERS];
  return Object.getOwnPropertyNames(Program.prototype).filter((name) => !others.includes(name));
}

/** Returns a Worker as a class, which alone can have methods for RPC. */
function withMethods(worker, Program) {
  class Worker extends WorkerEntrypoint {}
  for (const [name, handler] of Object.entries(worker)) {
    Worker.prototype[name] = function (event) {
      return handler(event, this.env, this.ctx);
    };
  }
  for (const name of methodsOf(Program)) {
    Worker.prototype[name] = function (...parameters) {
      return new Program(this.ctx, this.env)[name](...parameters);
    };
  }
  return Worker;
}
