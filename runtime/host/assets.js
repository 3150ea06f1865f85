// Answers requests for assets: the engine decides, and the bytes come from modules of this Worker or
// from a store outside of it.

import {
  AS_STORED,
  DEFAULT,
  IN_MEMORY,
  IN_MODULE,
  NAME_LENGTH,
  REMOVE,
  SERVER_ANSWERS,
  SET,
  requestText,
} from './engine.js';

/** The number of replies that are cached, the length of all their request texts, and that of one of them. */
const MAX_REPLIES = 4000;
const MAX_TEXTS = 500_000;
const MAX_TEXT_LENGTH = 1000;

/** The number of cached replies whose header fields are kept in the form that is copied fastest. */
const MAX_HEADERS = 500;

/** Redirects that `fetch` follows before it fails, as in the Fetch standard. */
const MAX_REDIRECTS = 20;

/**
 * A store of bodies outside of this Worker.
 *
 * @typedef {object} Store
 * @property {number} place the number that stands for it in the records of the engine
 * @property {string} name its name in the log
 * @property {string} remedy what to do if its binding is missing
 * @property {() => object | undefined} binding returns its binding
 * @property {(binding: object, name: string, part: {begin: number, end: number}, size: number) =>
 *   Promise<{stream: ReadableStream, begin: number, end: number} | {problem: string}>} open opens a
 *   body of `size` bytes, of which a part is wanted. The result says which part the stream contains,
 *   or why there is none
 */

export class Assets {
  #engine;
  #modules;
  #decode;
  #stores;
  /** Cached replies by request text, as the arguments of a Response. */
  #replies = new Map();
  /** The length of their texts, and the number of those whose header fields are Headers. */
  #texts = 0;
  #headers = 0;

  /**
   * @param {object} site
   * @param {import('./engine.js').Engine} site.engine
   * @param {ArrayBuffer[]} site.modules the Data modules that store bodies
   * @param {(brotli: Uint8Array, length: number) => Promise<Uint8Array>} [site.decode] decodes bodies
   *   that are stored as Brotli alone, to their known length
   * @param {Store[]} [site.stores] the stores of bodies outside of this Worker
   */
  constructor({ engine, modules, decode, stores = [] }) {
    this.#engine = engine;
    this.#modules = modules;
    this.#decode = decode;
    this.#stores = new Map(stores.map((store) => [store.place, store]));
  }

  /**
   * Answers a request, or leaves it to the server: if its path belongs to the server, or has no asset.
   *
   * @param {Request} request
   * @returns {{ response: Response | Promise<Response> } | { request: Request }} the response, or the
   *   request for the server, whose URL has the path in the spelling by which the engine has decided
   */
  answer(request) {
    return this.#ask('respond', requestText(request, clientCodings(request)), request);
  }

  /** Answers a request of a Worker without a server. */
  serve(request) {
    return this.answer(request).response ?? this.notFound(request);
  }

  /** Applies the user's header rules to a response of the server. The engine knows the exceptions. */
  changeHeaders(request, response) {
    // The header fields of an upgraded connection have been sent.
    if (response.status === 101) return response;
    const text = requestText(request, null);
    const record = this.#engine.call('header_changes', text, response.status);
    if (record === undefined) return response;
    const changed = withMutableHeaders(response);
    for (const [markedName, value] of this.#engine.fields(record)) {
      const name = markedName.slice(1);
      if (markedName[0] === REMOVE) changed.headers.delete(name);
      else if (markedName[0] === SET) changed.headers.set(name, value);
      else if (markedName[0] === DEFAULT) setDefault(changed.headers, name, value);
      else if (!hasAdded(changed.headers, name, value)) changed.headers.append(name, value);
    }
    return changed;
  }

  /**
   * Does the same as `env.ASSETS.fetch`: accepts a string, a URL or a Request, follows redirects
   * unless told not to, and answers 404 for a missing file. Bodies have no content coding, even if the
   * passed request accepts some: server code reads them, and puts them into its own responses.
   */
  async fetch(input, init) {
    let request = new Request(input, init);
    for (let followed = 0; ; followed++) {
      const { response: answer } = this.#ask('respond_to_server', requestText(request, 'identity'), request);
      const response = await answer;
      const location = response.headers.get('location');
      if (location === null || request.redirect === 'manual') return response;
      if (request.redirect === 'error' || followed === MAX_REDIRECTS) {
        throw new TypeError(`${request.url} redirects to ${location}`);
      }
      request = new Request(new URL(location, request.url), request);
    }
  }

  /** Answers with the asset at a path even if the path belongs to the server, or with the 404 page. */
  guarded(request) {
    return this.#ask('respond_to_server', requestText(request, clientCodings(request)), request).response;
  }

  /** Answers a request that neither an asset nor the server answers. */
  notFound(request) {
    return this.#ask('not_found', requestText(request, clientCodings(request)), request).response;
  }

  /** Asks the engine, or the cache, and returns the same as `answer`. */
  #ask(name, text, request) {
    const key = name === 'respond' ? text : undefined;
    const known = key === undefined ? undefined : this.#replies.get(key);
    if (known !== undefined) return { response: this.#repeat(known) };
    let record;
    try {
      record = this.#engine.call(name, text);
    } catch {
      return { response: failure(500) };
    }
    if (record[0] === SERVER_ANSWERS) return { request: this.#forServer(record, request) };
    const reply = this.#read(record, request);
    if (!('init' in reply)) return reply;
    // Only replies to clients are cached, and no 404 page: the server may answer the same request the
    // next time.
    if (key !== undefined) this.#cache(key, reply);
    return { response: this.#send(reply) };
  }

  /** Returns the request that the server gets. */
  #forServer([, address, length], request) {
    return length === 0 ? request : new Request(this.#engine.text(address, length), request);
  }

  /**
   * Reads a record: as the arguments of a Response, or as the Response itself if its bytes have to be
   * copied, decoded or fetched first.
   */
  #read(record, request) {
    // Destructured at once, since the next call of the engine overwrites the record.
    const [status, , , storage, place, start, length, decoded, skipped, sent] = record;
    const init = { status, headers: headerInit(this.#engine.fields(record)), encodeBody: 'manual' };
    if (sent === 0) return { init, length: 0 };
    const respond = (body) => new Response(body, init);
    const decode = decoded === AS_STORED ? undefined : this.#decode;
    switch (storage) {
      case IN_MEMORY:
        return this.#stored({ init, module: undefined, begin: place }, record, request);
      case IN_MODULE:
        return this.#stored({ init, module: this.#modules[place], begin: start }, record, request);
      default: {
        const name = this.#engine.text(place, NAME_LENGTH);
        const store = this.#stores.get(storage);
        if (store === undefined) {
          console.error(`worker-pack: ${request.url} is in a store that site.js lacks: pack again`);
          return { response: failure(500) };
        }
        const wanted = { decode, decoded, skipped, sent, length };
        return { response: this.#fromStore(store, name, wanted, respond, request) };
      }
    }
  }

  /** Returns a reply whose body lies in a module or in the memory, or the Response itself. */
  #stored({ init, module, begin }, [, , , , , , length, decoded, skipped, sent], request) {
    if (decoded === AS_STORED) return { init, module, begin: begin + skipped, length: sent };
    const part = (whole) => new Response(whole.subarray(skipped, skipped + sent), init);
    const failed = (error) => {
      console.error(`worker-pack: ${request.url} cannot be decoded:`, error);
      return failure(500);
    };
    return { response: this.#decode(this.#bytes(module, begin, length), decoded).then(part, failed) };
  }

  /** Returns bytes of a module or, without one, of the memory. They are not copied. */
  #bytes(module, begin, length) {
    // The memory may have grown since the last time, and then has another buffer.
    return new Uint8Array(module ?? this.#engine.memory, begin, length);
  }

  #send({ init, module, begin, length }) {
    return new Response(length === 0 ? null : this.#bytes(module, begin, length), init);
  }

  /** Returns the Response of a cached reply. */
  #repeat(reply) {
    const { init } = reply;
    // A Response copies Headers faster than it makes them, which pays from the second time on. But they
    // take ten times the memory.
    if (!(init.headers instanceof Headers) && this.#headers < MAX_HEADERS) {
      init.headers = new Headers(init.headers);
      this.#headers++;
    }
    return this.#send(reply);
  }

  /**
   * Caches a reply whose body lies in a module or in the memory, so that the cache holds header fields
   * alone. It stays valid, since the engine's reply depends on the request text and nothing else.
   */
  #cache(text, reply) {
    // Errors are not cached, since any number of paths lead to one.
    if (reply.init.status >= 400 || text.length > MAX_TEXT_LENGTH) return;
    if (this.#replies.size === MAX_REPLIES || this.#texts + text.length > MAX_TEXTS) {
      this.#replies.clear();
      this.#texts = 0;
      this.#headers = 0;
    }
    this.#texts += text.length;
    this.#replies.set(text, reply);
  }

  /** Answers with a body outside of this Worker, or a part of it. */
  async #fromStore(store, name, { decode, decoded, skipped, sent, length }, respond, request) {
    const complain = (...problem) => console.error(`worker-pack: ${request.url} is in ${store.name},`, ...problem);
    const binding = store.binding();
    if (binding === undefined) {
      complain(`but the binding is missing: ${store.remedy}`);
      return failure(500);
    }
    const end = skipped + sent;
    const part = decode === undefined ? { begin: skipped, end } : { begin: 0, end: length };
    try {
      const { problem, stream, ...given } = await store.open(binding, name, part, length);
      if (problem !== undefined) {
        complain(`which ${problem}`);
        return failure(502);
      }
      if (decode !== undefined) {
        const brotli = new Uint8Array(await new Response(stream).arrayBuffer());
        const whole = await decode(brotli, decoded);
        return respond(whole.subarray(skipped, end));
      }
      // A stream of known length, so that the response gets its `Content-Length`, and one that ends too
      // early is cut off.
      const { readable, writable } = new FixedLengthStream(sent);
      const cutOff = (error) => complain('and was cut off:', error);
      if (given.begin === skipped && given.end === end) stream.pipeTo(writable).catch(cutOff);
      else copyPart(stream, writable, skipped - given.begin, sent, cutOff);
      return respond(readable);
    } catch (error) {
      complain('which failed:', error);
      return failure(502);
    }
  }
}

/**
 * Returns names and values for a Response, which reads an object in less than half the time of a
 * list. But only a list can contain a name twice, such as `Set-Cookie`.
 */
function headerInit(fields) {
  const headers = Object.fromEntries(fields);
  return Object.keys(headers).length === fields.length ? headers : fields;
}

/**
 * Returns the codings that the client accepts. Behind Cloudflare's edge the header always reads
 * `br, gzip`, and this property contains what the client sent.
 */
export function clientCodings(request) {
  return request.cf?.clientAcceptEncoding ?? request.headers.get('accept-encoding');
}

/** The fields that rules add to, instead of replacing those of the response. */
const ADDED_FIELDS = ['set-cookie', 'link', 'vary'];

/**
 * Returns whether a response has the value that a rule adds, as one of `env.ASSETS` has, and one to which
 * the rules were applied before.
 */
function hasAdded(headers, name, value) {
  if (!ADDED_FIELDS.includes(name.toLowerCase())) return false;
  if (name.toLowerCase() === 'set-cookie') return headers.getSetCookie().includes(value);
  return `, ${headers.get(name)}, `.includes(`, ${value}, `);
}

/** Returns the response with headers that can be changed, unlike those of a `fetch`. */
function withMutableHeaders(response) {
  try {
    // Immutable headers throw, whether or not they contain the name.
    response.headers.delete('x-worker-pack-probe');
    return response;
  } catch {
    return new Response(response.body, response);
  }
}

/** Sets a field that is missing, unless a cache would give the cookies of one client to others. */
function setDefault(headers, name, value) {
  if (!headers.has(name) && !headers.has('set-cookie')) headers.set(name, value);
}

/** Returns the response to a request that cannot be answered. */
export function failure(status) {
  const text = status === 502 ? '502 Bad Gateway\n' : '500 Internal Server Error\n';
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };
  return new Response(text, { status, headers });
}

/**
 * Copies `length` bytes of a stream after the first `skipped`, then cancels the rest. If that fails, it
 * calls `cutOff` with the error, before the client sees that the copy is incomplete.
 */
async function copyPart(from, to, skipped, length, cutOff) {
  const reader = from.getReader();
  const writer = to.getWriter();
  try {
    let left = length;
    while (left > 0) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`the body ended ${left} bytes too early`);
      const begin = Math.min(skipped, value.length);
      skipped -= begin;
      const part = value.subarray(begin, begin + left);
      left -= part.length;
      if (part.length > 0) await writer.write(part);
    }
    await reader.cancel();
    await writer.close();
  } catch (error) {
    cutOff(error);
    // Otherwise the other end of each stream would wait until the runtime gives up.
    await Promise.allSettled([reader.cancel(error), writer.abort(error)]);
  }
}
