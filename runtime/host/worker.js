// A Worker of assets and a server. The engine divides the requests between them.

import * as runtime from 'cloudflare:workers';

/**
 * Makes bindings of `env`, such as `env.ASSETS`, answer from the table, for both ways in which server
 * code gets its `env`: the argument of its handler, and `import { env } from 'cloudflare:workers'`. It
 * has to run before that code is loaded, which may read `env` at once.
 *
 * @returns {object} the bindings by their names
 */
export function bindAssets(assets, names = ['ASSETS']) {
  const binding = { fetch: (input, init) => assets.fetch(input, init) };
  const bindings = Object.fromEntries(names.map((name) => [name, binding]));
  try {
    for (const name of names) runtime.env[name] = binding;
  } catch {
    // The imported `env` is read-only in this runtime. Then `withAssets` replaces it at each call.
  }
  return bindings;
}

function hasAssets(bindings, env) {
  for (const name in bindings) if (env?.[name] !== bindings[name]) return false;
  return true;
}

/** Calls a handler with an `env` that has the given bindings. */
function withAssets(bindings, env, call) {
  if (hasAssets(bindings, env)) return call(env);
  const bound = { ...env, ...bindings };
  return hasAssets(bindings, runtime.env) || runtime.withEnv === undefined
    ? call(bound)
    : runtime.withEnv(bound, () => call(bound));
}

/** The handlers of a Worker besides `fetch`. */
export const HANDLERS = ['scheduled', 'queue', 'email', 'tail', 'trace', 'tailStream'];

/**
 * Returns a function that calls the server, which is an object with handlers or a class of them.
 *
 * @returns {(request: Request, env: object, ctx: object) => Response | Promise<Response>}
 */
export function serverFetch(server, bindings) {
  const call =
    typeof server === 'function'
      ? (request, env, ctx) => new server(ctx, env).fetch(request)
      : (request, env, ctx) => server.fetch(request, env, ctx);
  return (request, env, ctx) => withAssets(bindings, env, (env) => call(request, env, ctx));
}

/**
 * Makes a Worker of assets and a server.
 *
 * @param {import('./assets.js').Assets} assets
 * @param {object} server the default export of the server's entry: an object with handlers, or a
 *   class of them
 * @param {object} bindings the result of `bindAssets`
 * @param {object} options
 * @param {boolean} [options.headerRules] applies the user's header rules to the server's responses
 */
export function serverWorker(assets, server, bindings, { headerRules = false } = {}) {
  const fetch = (clientRequest, ask) => assets.plain(clientRequest) ?? decide(clientRequest, ask);
  const decide = async (clientRequest, ask) => {
    const { response, request } = await assets.answer(clientRequest);
    if (response !== undefined) return response;
    return headerRules ? changed(request, ask) : ask(request);
  };
  const changed = async (request, ask) => assets.changeHeaders(request, await ask(request));
  if (typeof server === 'function') {
    return class extends server {
      fetch(request) {
        return fetch(request, (request) =>
          withAssets(bindings, this.env, () => super.fetch(request)),
        );
      }
    };
  }
  const handlers = { ...server };
  // The spread leaves out methods that an object inherits from its class.
  for (const name of HANDLERS) {
    if (typeof server[name] === 'function') handlers[name] = (...args) => server[name](...args);
  }
  const ask = serverFetch(server, bindings);
  handlers.fetch = (request, env, ctx) => fetch(request, (request) => ask(request, env, ctx));
  return handlers;
}
