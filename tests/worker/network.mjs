// Requests of a page, and files that came from the browser's cache.

import { inTime } from './visitor.mjs';

/** Records the requests of a page, as on the network and not as scripts see them. */
export class NetworkLog {
  #entries = new Map();
  #noticed = () => {};

  /** @param {import('playwright-core').Page} page */
  static async of(page) {
    const log = new NetworkLog();
    const session = await page.context().newCDPSession(page);
    // The server's response: after a 304, scripts only see the cached one.
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
   * Returns the files loaded over HTTP, each with the server's answer, or without one if it came
   * from the browser's cache.
   *
   * @returns {Promise<{path: string, type: string, answer?: {status: number, headers: object}}[]>}
   */
  async entries() {
    // The events of an entry arrive in any order.
    const incomplete = () => this.#loaded().filter(({ answer, isCached }) => !answer && !isCached);
    const complete = async () => {
      while (incomplete().length > 0) await new Promise((resolve) => (this.#noticed = resolve));
    };
    await inTime(complete(), () => `no response recorded for ${incomplete()[0].url}`);
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
