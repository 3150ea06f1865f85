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
    const on = (event, read) => {
      session.on(`Network.${event}`, (facts) => {
        const response = receipts.#response(facts.requestId);
        read(response, facts);
        if (isComplete(response)) receipts.#end(facts.requestId, response);
        receipts.#noticed();
      });
    };
    on('requestWillBeSent', (response, { type, request, redirectResponse }) => {
      // The same number goes on with another URL.
      if (redirectResponse) receipts.#complete.push({ ...response, ...sizes(response) });
      Object.assign(response, { url: request.url, kind: type });
      receipts.requests += 1;
    });
    on('responseReceivedExtraInfo', (response, { statusCode, headers, headersText }) => {
      const pairs = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
      const fields = new Map(pairs);
      const coding = fields.get('content-encoding') ?? 'identity';
      Object.assign(response, { status: statusCode, coding, head: headersText?.length });
      const [, dictionary] = DICTIONARY.exec(fields.get('link') ?? '') ?? [];
      // A page that is only prefetched brings no other files.
      if (dictionary && response.kind === 'Document') {
        receipts.#announce(new URL(dictionary, response.url).href);
      }
    });
    on('requestServedFromCache', (response) => {
      response.isCached = true;
    });
    on('responseReceived', (response, { hasExtraInfo, response: received }) => {
      const { mimeType, encodedDataLength, fromDiskCache } = received;
      Object.assign(response, { type: mimeType, atHead: encodedDataLength, hasExtraInfo });
      if (fromDiskCache) response.isCached = true;
    });
    on('loadingFinished', (response, { encodedDataLength }) => {
      response.total = encodedDataLength;
    });
    // A browser aborts what it no longer needs. What has come until then is not told.
    on('loadingFailed', (response, { canceled, errorText }) => {
      Object.assign(response, canceled ? { isAborted: true } : { failure: errorText });
    });
    await session.send('Network.enable');
    return receipts;
  }

  /** Waits until no response is missing. */
  complete() {
    const isAwaited = ({ kind }) => kind && kind !== 'Media';
    const missing = () => {
      const open = [...this.#open.values()].filter(isAwaited);
      return [...open.map(({ url }) => url), ...this.#announced];
    };
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
    if (response.isAborted) return;
    this.#complete.push(response);
    this.#announced.delete(response.url);
  }
}

/** Checks whether all is known of a response: the events of one arrive in any order. */
function isComplete({ total, status, hasExtraInfo, isCached, isAborted, failure }) {
  const hasHead = status !== undefined || isCached || !hasExtraInfo;
  return isAborted || failure !== undefined || (total !== undefined && hasHead);
}

/** Tells the bytes of the head of a response from those of its body. */
function sizes({ status, head, atHead = 0, total = atHead }) {
  if (status === undefined) return { head: 0, body: 0 };
  const fields = Math.min(head ?? atHead, total);
  return { head: fields, body: total - fields };
}
