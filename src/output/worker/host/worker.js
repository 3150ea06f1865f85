// The Worker of assets and server: who answers which request.

import * as runtime from 'cloudflare:workers';

/**
 * Makes `env.ASSETS` answer from the table, wherever server code gets its `env` from: the argument of
 * its handler, or `import { env } from 'cloudflare:workers'`. It has to run before that code is
 * loaded, which may look at `env` at once.
 */
export function bindAssets(assets) {
  const binding = { fetch: (input, init) => assets.fetch(input, init) };
  try {
    runtime.env.ASSETS = binding;
  } catch {
    // `withAssets` says what is done then.
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
 * Returns who is asked for a URL. Where any spelling of its path is the server's, the server is: it
 * may be there to keep somebody out, and a path with needless escapes leads to the same asset.
 */
function orderOf(url, order) {
  const [, path = '/'] = /^[^:]*:\/\/[^/?#]*([^?#]*)/.exec(url) ?? [];
  const asked = order(path);
  if (asked === 'server' || !path.includes('%')) return asked;
  try {
    return order(decodeURIComponent(path));
  } catch {
    return asked;
  }
}

/**
 * A Worker of assets and a server.
 *
 * @param {import('./assets.js').Assets} assets
 * @param {object} server what the server's entry exports by default: an object with handlers, or a
 *   class of them
 * @param {object} binding what `bindAssets` returned
 * @param {object} options
 * @param {boolean} [options.headerRules] whether the user's header rules are for the server too
 * @param {(path: string) => 'assets' | 'server' | 'both'} [options.order] who is asked: one of them alone, or
 *   the server for what is no asset, which is the rule without an order
 */
export function serverWorker(assets, server, binding, { headerRules = false, order } = {}) {
  const fetch = (request, ask) => {
    const serve = headerRules
      ? async () => assets.changeHeaders(request, await ask())
      : ask;
    const asked = order === undefined ? 'both' : orderOf(request.url, order);
    if (asked === 'server') return serve();
    const answer = assets.serve(request);
    if (answer !== undefined) return answer;
    return asked === 'assets' ? assets.notFound(request) : serve();
  };
  if (typeof server === 'function') {
    return class extends server {
      fetch(request) {
        return fetch(request, () =>
          withAssets(binding, this.env, () => super.fetch(request)),
        );
      }
    };
  }
  const handlers = { ...server };
  // Those that an object has from its class.
  for (const name of HANDLERS) {
    if (typeof server[name] === 'function') handlers[name] = (...args) => server[name](...args);
  }
  handlers.fetch = (request, env, ctx) =>
    fetch(request, () => withAssets(binding, env, (env) => server.fetch(request, env, ctx)));
  return handlers;
}
