// The first module of a Worker whose program is written in Rust.

import { WorkerEntrypoint } from 'cloudflare:workers';

import { HANDLERS, serverFetch } from './worker.js';

/** The values that the program and the modules around it share. `program.js` sets the assets. */
export const shared = (globalThis[Symbol.for('worker-pack')] ??= {});

/** The binding `env.ASSETS`, which answers from the program's table. */
export const assets = { fetch: (input, init) => shared.assets.fetch(input, init) };

/** The function that starts a table, as the macro `start!` names it. Other Workers cannot call it. */
const START = 'start_worker_pack';

/** The largest number of pending requests. An isolate answers fewer at once. */
const MAX_PENDING = 1000;

/** Functions that answer the pending requests of a program for it, once it has ended. */
const pending = new Set();
let hasEnded = false;

// A panic ends the program, and nothing else would answer the requests that it has begun.
addEventListener('error', ({ error }) => {
  if (!(error instanceof WebAssembly.RuntimeError)) return;
  hasEnded = true;
  for (const fail of pending) fail();
  pending.clear();
});

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
  const isClass = typeof server === 'function';
  const worker = { fetch: programFetch(Program) };
  for (const name of HANDLERS) {
    // The Worker inherits the handlers of a server that is a class.
    const handler = handlerOf(Program, name) ?? (isClass ? undefined : handlerOf(server, name));
    if (handler !== undefined) worker[name] = handler;
  }
  if (isClass) return withMethods(server, worker, Program);
  return methodsOf(Program).length > 0 ? withMethods(WorkerEntrypoint, worker, Program) : worker;
}

/**
 * Returns a function that calls a program. It makes no instance of the program's class, which is a proxy
 * and costs a tenth of a request: an instance would only be used for its environment and context.
 */
function programFetch(Program) {
  const { fetch } = Program.prototype;
  if (fetch === undefined) throw new Error('the program has no handler: add `#[event(fetch)]`');
  return (request, env, ctx) => {
    if (hasEnded) {
      hasEnded = false;
      // The proxy starts the program again, here and for its Durable Objects.
      new Program(ctx, env);
    }
    return new Promise((resolve, reject) => {
      const fail = () => {
        console.error(`worker-pack: the program failed at ${request.method} ${request.url}`);
        resolve(shared.failure(500));
      };
      // A request whose client has left is never settled, so the oldest one makes room.
      if (pending.size === MAX_PENDING) pending.delete(pending.values().next().value);
      pending.add(fail);
      const settled = (settle) => (result) => {
        pending.delete(fail);
        settle(result);
      };
      fetch.call({ env, ctx }, request).then(settled(resolve), settled(reject));
    });
  };
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
  const others = ['constructor', 'fetch', START, ...HANDLERS];
  return Object.getOwnPropertyNames(Program.prototype).filter((name) => !others.includes(name));
}

/** Returns a Worker as a class, which alone can have methods for RPC. It inherits those of another class. */
function withMethods(Base, worker, Program) {
  class Worker extends Base {}
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
