// Requests with their answers, as on the network: the fields that the browser has sent and received, and the
// bytes that it has counted.

import assert from 'node:assert/strict';

import { Visitor, inTime } from './visitor.mjs';

export class Exchanges {
  #all = new Map();
  #noticed = () => {};

  /** @param {import('playwright-core').Page} page */
  static async of(page) {
    const log = new Exchanges();
    const session = await page.context().newCDPSession(page);
    session.on('Network.requestWillBeSent', ({ requestId, request }) => {
      log.#note(requestId, { path: new URL(request.url).pathname });
    });
    session.on('Network.requestWillBeSentExtraInfo', ({ requestId, headers }) => {
      log.#note(requestId, { asked: lowerCased(headers) });
    });
    session.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode, headers }) => {
      log.#note(requestId, { status: statusCode, answer: lowerCased(headers) });
    });
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      log.#note(requestId, { bytes: encodedDataLength });
    });
    await session.send('Network.enable');
    return log;
  }

  /** Forgets all exchanges so far. */
  clear() {
    this.#all.clear();
  }

  /** Returns the exchanges of a path. */
  all(path) {
    return [...this.#all.values()].filter((exchange) => exchange.path === path);
  }

  /**
   * Waits for the first complete exchange of a path.
   *
   * @returns {Promise<{asked: object, status: number, answer: object, bytes: number}>}
   */
  async of(path) {
    const complete = () =>
      this.all(path).find(({ asked, answer, bytes }) => asked && answer && bytes !== undefined);
    const found = async () => {
      while (!complete()) await new Promise((resolve) => (this.#noticed = resolve));
      return complete();
    };
    return inTime(found(), () => `no exchange for ${path}`);
  }

  /** Asks for the first page until the browser offers a dictionary, other than a given one. */
  async untilOffered(page, other) {
    const offered = async () => {
      for (;;) {
        this.clear();
        await page.evaluate(async () => (await fetch('/', { cache: 'no-store' })).text());
        const dictionary = (await this.of('/')).asked['available-dictionary'];
        if (dictionary && dictionary !== other) return this.clear();
      }
    };
    await inTime(offered(), () => 'the browser offers no dictionary');
  }

  #note(id, facts) {
    this.#all.set(id, { ...this.#all.get(id), ...facts });
    this.#noticed();
  }
}

function lowerCased(headers) {
  const pairs = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return Object.fromEntries(pairs);
}

/** Returns what the browser counts for a page in a visit of its own, so that it has no dictionary. */
export async function counted(browser, site, path) {
  const visitor = await Visitor.arrive(browser, site);
  const log = await Exchanges.of(visitor.page);
  await visitor.open(path);
  const exchange = await log.of(path);
  await visitor.leave();
  assert.equal(exchange.answer['content-encoding'], 'br');
  return exchange;
}
