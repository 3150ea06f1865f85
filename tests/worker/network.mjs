// What a page asked the server for, and what the browser had already.

import { inTime } from './visitor.mjs';

/** Notes what a page loads, as the network saw it and not as scripts do. */
export class NetworkLog {
  #entries = new Map();
  #noticed = () => {};

  /** @param {import('playwright-core').Page} page */
  static async of(page) {
    const log = new NetworkLog();
    const session = await page.context().newCDPSession(page);
    // What the server said, which scripts do not see when a 304 leads to what is in the cache.
    session.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode, headers }) => {
      log.#note(requestId, { answer: { status: statusCode, headers: lowerCased(headers) } });
    });
    session.on('Network.requestServedFromCache', ({ requestId }) => {
      log.#note(requestId, { isCached: true });
    });
    session.on('Network.responseReceived', ({ requestId, type, response }) => {
      const cached = response.fromDiskCache ? { isCached: true } : {};
      log.#note(requestId, { url: new URL(response.url), type, ...cached });
    });
    await session.send('Network.enable');
    return log;
  }

  /**
   * Returns what was loaded over HTTP: the path, and the server's answer, or none if the browser
   * had the file in its cache and did not ask.
   *
   * @returns {Promise<{path: string, type: string, answer?: {status: number, headers: object}}[]>}
   */
  async entries() {
    // The halves of an entry come in any order.
    const halves = () => this.#loaded().filter(({ answer, isCached }) => !answer && !isCached);
    const complete = async () => {
      while (halves().length > 0) await new Promise((resolve) => (this.#noticed = resolve));
    };
    await inTime(complete(), () => `nobody knows who answered ${halves()[0].url}`);
    return this.#loaded().map(({ url, type, answer }) => ({ path: url.pathname, type, answer }));
  }

  #loaded() {
    return [...this.#entries.values()].filter(({ url }) => url?.protocol === 'http:');
  }

  #note(id, facts) {
    this.#entries.set(id, { ...this.#entries.get(id), ...facts });
    this.#noticed();
  }
}

function lowerCased(headers) {
  const pairs = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return Object.fromEntries(pairs);
}
