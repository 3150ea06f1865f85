// The responses that a tab receives, in bytes as the browser counts them.

import { inTime } from '../../tests/worker/visitor.mjs';

/** The `Link` field of a page with a dictionary (RFC 9842 §3). */
const DICTIONARY = /<([^>]*)>[^,]*rel="?compression-dictionary"?/;

/** Records the responses of a tab. */
export class Receipts {
  /** The number of requests so far. */
  requests = 0;
  /** The responses of which something is known, by the request's number. */
  #open = new Map();
  /** Those that are complete and were not taken yet. */
  #complete = [];
  /** The URLs of the dictionaries that pages have announced. */
  #dictionaries = new Set();
  /** Those that have not come yet. */
  #announced = new Set();
  #noticed = () => {};

  /** @param {import('playwright-core').Page} page */
  static async of(page) {
    const receipts = new Receipts();
    const session = await page.context().newCDPSession(page);
    const on = (event, read) => session.on(`Network.${event}`, (facts) => {
      read(receipts.#response(facts.requestId), facts);
      receipts.#noticed();
    });
    on('requestWillBeSent', (response, { type, request, redirectResponse }) => {
      // The same number goes on with another URL.
      if (redirectResponse) receipts.#complete.push({ ...response, ...sizes(response) });
      Object.assign(response, { url: request.url, kind: type });
      receipts.requests += 1;
    });
    on('responseReceivedExtraInfo', (response, { statusCode, headers, headersText }) => {
      const fields = new Map(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]));
      const coding = fields.get('content-encoding') ?? 'identity';
      Object.assign(response, { status: statusCode, coding, head: headersText?.length });
      const [, dictionary] = DICTIONARY.exec(fields.get('link') ?? '') ?? [];
      // A page that is only prefetched brings no other files.
      if (dictionary && response.kind === 'Document') receipts.#announce(new URL(dictionary, response.url).href);
    });
    on('responseReceived', (response, { response: { mimeType, encodedDataLength } }) => {
      Object.assign(response, { type: mimeType, atHead: encodedDataLength });
    });
    on('loadingFinished', (response, { requestId, encodedDataLength }) => {
      receipts.#end(requestId, { ...response, total: encodedDataLength });
    });
    // A browser aborts what it no longer needs. What has come until then is not told.
    on('loadingFailed', (response, { requestId, canceled, errorText }) => {
      receipts.#end(requestId, canceled ? undefined : { ...response, failure: errorText });
    });
    await session.send('Network.enable');
    return receipts;
  }

  /** Waits until no response is missing. */
  complete() {
    const missing = () => [
      ...[...this.#open.values()].filter(({ kind }) => kind && kind !== 'Media').map(({ url }) => url),
      ...this.#announced,
    ];
    const complete = async () => {
      while (missing().length > 0) await new Promise((resolve) => (this.#noticed = resolve));
    };
    return inTime(complete(), () => `the browser still waits for ${missing().join(', ')}`);
  }

  /** Returns what has come since the last time. */
  take() {
    const taken = this.#complete.splice(0).filter(({ url }) => url.startsWith('http:'));
    const failed = taken.find(({ failure }) => failure);
    if (failed) throw new Error(`${failed.failure}: ${failed.url}`);
    return taken.map((response) => ({
      path: new URL(response.url).pathname,
      // Nothing was asked of the server for what the browser has.
      status: response.status ?? 0,
      coding: response.coding ?? 'identity',
      type: response.type ?? '',
      isDictionary: this.#dictionaries.has(response.url),
      ...sizes(response),
    }));
  }

  #response(id) {
    if (!this.#open.has(id)) this.#open.set(id, {});
    return this.#open.get(id);
  }

  #announce(url) {
    if (this.#dictionaries.has(url)) return;
    this.#dictionaries.add(url);
    this.#announced.add(url);
  }

  #end(id, response) {
    this.#open.delete(id);
    if (response === undefined) return;
    this.#complete.push(response);
    this.#announced.delete(response.url);
  }
}

/** Tells the bytes of the head of a response from those of its body. */
function sizes({ status, head, atHead = 0, total = atHead }) {
  if (status === undefined) return { head: 0, body: 0 };
  const fields = Math.min(head ?? atHead, total);
  return { head: fields, body: total - fields };
}
