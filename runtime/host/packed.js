// The assets of a Worker whose program is the engine. Plain requests are answered without it, and the first
// other one loads it.

import { Assets, clientCodings, failure } from './assets.js';
import { Engine, checkTable, instantiate } from './engine.js';
import { PlainReplies } from './plain.js';

export class PackedAssets {
  #plain;
  #load;
  #table;
  #rest;
  /** Answers the requests that are not plain ones, once the engine is loaded. */
  #assets;

  /**
   * @param {object} site what `Assets` needs, and
   * @param {() => Promise<WebAssembly.Module>} site.engine loads the engine
   * @param {ArrayBuffer} site.table
   * @param {object} site.plain the plain replies
   */
  constructor({ engine, table, plain, ...rest }) {
    checkTable(table);
    this.#plain = new PlainReplies(plain, rest.modules);
    this.#load = engine;
    this.#table = table;
    this.#rest = rest;
  }

  /**
   * Answers a plain request, which needs neither the engine nor a promise.
   *
   * @param {Request} request
   * @returns {Response | undefined}
   */
  plain(request) {
    return this.#plain.answer(request, clientCodings(request));
  }

  /** Answers any other request, or leaves it to the server, as `Assets` does. */
  async answer(request) {
    const assets = this.#assets ?? (await this.#start());
    return assets?.answer(request) ?? { response: failure(500) };
  }

  /** Answers a request of a Worker without a server. */
  serve(request) {
    return this.plain(request) ?? this.#serve(request);
  }

  async #serve(request) {
    const assets = this.#assets ?? (await this.#start());
    return assets?.serve(request) ?? failure(500);
  }

  /** Applies the user's header rules to the server's response to a request that is not a plain one. */
  changeHeaders(request, response) {
    return this.#assets.changeHeaders(request, response);
  }

  /** Does the same as `env.ASSETS.fetch`. */
  async fetch(input, init) {
    const assets = this.#assets ?? (await this.#start());
    return assets?.fetch(input, init) ?? failure(500);
  }

  /**
   * Starts the engine. Requests do not share a promise of it, since one that is cancelled might leave it
   * pending for all others.
   */
  async #start() {
    try {
      const module = await this.#load();
      this.#assets ??= new Assets({
        engine: new Engine(() => instantiate(module, this.#table)),
        ...this.#rest,
      });
      return this.#assets;
    } catch (error) {
      console.error('worker-pack: the engine does not start:', error);
      return undefined;
    }
  }
}
