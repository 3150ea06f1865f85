// A Worker of assets and a server. The engine divides the requests between them.

import * as runtime from 'cloudflare:workers';

/**
 * Makes `env.ASSETS` answer from the table, for both ways in which server code gets its `env`: the
 * argument of its handler, and `import { env } from 'cloudflare:workers'`. It has to run before that
 * code is loaded, which may read `env` at once.
 */
export function bindAssets(assets) {
  const binding = { fetch: (input, init) => assets.fetch(input, init) };
  try {
    runtime.env.ASSETS = binding;
  } catch {
    // The imported `env` is read-only in this runtime. Then `withAssets` replaces it at each call.
  }
  return binding;
}

/** Calls a handler with an `env` whose `ASSETS` is the given binding. */
function withAssets(binding, env, call) {
  if (env.ASSETS === binding) return call(env);
  const bound = { ...env, ASSETS: binding };
  return runtime.env?.ASSETS === binding || runtime.withEnv === undefined
    ? call(bound)
    : runtime.withEnv(bound, () => call(bound));
}

/** The handlers of a Worker besides `fetch`. */
const HANDLERS = ['scheduled', 'queue', 'email', 'tail', 'trace', 'tailStream'];

/**
 * Makes a Worker of assets and a server.
 *
 * @param {import('./assets.js').Assets} assets
 * @param {object} server the default export of the server's entry: an object with handlers, or a
 *   class of them
 * @param {object} binding the result of `bindAssets`
 * @param {object} options
 * @param {boolean} [options.headerRules] applies the user's header rules to the server's responses
 */
export function serverWorker(assets, server, binding, { headerRules = false } = {}) {
  const fetch = (clientRequest, ask) => {
    const { response, request } = assets.answer(clientRequest);
    if (response !== undefined) return response;
    return headerRules ? changed(request, ask) : ask(request);
  };
  const changed = async (request, ask) => assets.changeHeaders(request, await ask(request));
  if (typeof server === 'function') {
    return class extends server {
      fetch(request) {
        return fetch(request, (request) =>
          withAssets(binding, this.env, () => super.fetch(request)),
        );
      }
    };
  }
  const handlers = { ...server };
  // The spread leaves out methods that an object inherits from its class.
  for (const name of HANDLERS) {
    if (typeof server[name] === 'function') handlers[name] = (...args) => server[name](...args);
  }
  handlers.fetch = (request, env, ctx) =>
    fetch(request, (request) =>
      withAssets(binding, env, (env) => server.fetch(request, env, ctx)),
    );
  return handlers;
}
