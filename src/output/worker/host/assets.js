// Answers requests for assets: from the table, through the engine, with bytes that lie in modules of
// this Worker.

import { Engine, question } from './engine.js';

/** Where a body is kept, as in a record of the engine's. */
const IN_MEMORY = 0;
const IN_MODULE = 1;

/** The word of a record for a body that is sent as it is kept. */
const AS_KEPT = 0xffffffff;

/** How many replies are kept for when they are asked for again, and for questions of what length. */
const MOST_REPLIES = 500;
const LONGEST_QUESTION = 1000;

/** Redirects that `fetch` follows before it gives up, as the Fetch standard has it. */
const MOST_REDIRECTS = 20;

export class Assets {
  #engine;
  #modules;
  #decode;
  #binding;
  /** What a Response is made of, by the question that it answers. */
  #replies = new Map();

  /**
   * @param {object} site
   * @param {WebAssembly.Module} site.engine
   * @param {ArrayBuffer} site.table
   * @param {ArrayBuffer[]} site.modules the Data modules that bodies are in
   * @param {(brotli: Uint8Array) => Promise<Uint8Array>} [site.decode] for bodies that are kept as
   *   Brotli alone
   * @param {() => {fetch: typeof fetch} | undefined} [site.binding] returns Workers Static Assets
   */
  constructor({ engine, table, modules, decode, binding }) {
    this.#engine = new Engine(engine, table);
    this.#modules = modules;
    this.#decode = decode;
    this.#binding = binding;
  }

  /**
   * Answers a request for an asset. Returns undefined where there is none, so that others can answer.
   *
   * @param {Request} request
   * @returns {Response | Promise<Response> | undefined}
   */
  serve(request) {
    return this.#serve(request, clientCodings(request));
  }

  /** Answers a request that nobody has an answer for: with the nearest 404 page, if there is one. */
  notFound(request) {
    return this.#notFound(request, clientCodings(request));
  }

  /** Applies the user's header rules to a response of the server. The engine knows the exceptions. */
  changeHeaders(request, response) {
    // The header fields of an upgraded connection have been sent.
    if (response.status === 101) return response;
    const text = question(request, null);
    const record = this.#engine.ask('header_changes', text, response.status);
    if (record === undefined) return response;
    const changed = withOwnHeaders(response);
    for (const [name, value] of this.#engine.fields(record)) {
      const field = name.slice(1);
      if (name[0] === '-') changed.headers.delete(field);
      else if (name[0] === '=') changed.headers.set(field, value);
      else changed.headers.append(field, value);
    }
    return changed;
  }

  /**
   * What `env.ASSETS.fetch` does: takes a string, a URL or a Request, follows redirects unless told
   * not to, and says 404 where nothing is. Bodies have no content coding, whatever the request that
   * is passed on accepts: server code reads them, and puts them into responses of its own.
   */
  async fetch(input, init) {
    let request = new Request(input, init);
    for (let followed = 0; ; followed++) {
      const response = await (this.#serve(request, 'identity') ??
        this.#notFound(request, 'identity'));
      const location = response.headers.get('location');
      if (location === null || request.redirect === 'manual') return response;
      if (request.redirect === 'error' || followed === MOST_REDIRECTS) {
        throw new TypeError(`${request.url} redirects to ${location}`);
      }
      request = new Request(new URL(location, request.url), request);
    }
  }

  #serve(request, codings) {
    const text = question(request, codings);
    const reply = this.#replies.get(text);
    return reply === undefined ? this.#ask('respond', text, request) : again(reply);
  }

  #notFound(request, codings) {
    return this.#ask('not_found', question(request, codings), request);
  }

  #ask(how, text, request) {
    let record;
    try {
      record = this.#engine.ask(how, text);
    } catch {
      return failure(500);
    }
    if (record === undefined) return undefined;
    const answer = this.#answer(record, request);
    if (!('init' in answer)) return answer.response;
    // What stands for nothing is for when nobody else has an answer, which is not always so.
    if (how === 'respond') this.#keep(text, answer);
    return new Response(answer.body, answer.init);
  }

  /**
   * Reads a record: as what a Response is made of, or where the bytes have to be had first, as the
   * response itself.
   */
  #answer(record, request) {
    // Read at once: the record is there until the engine is asked again.
    const [status, , , kept, place, start, length, decoded, skipped, sent] = record;
    const init = { status, headers: headerInit(this.#engine.fields(record)), encodeBody: 'manual' };
    if (sent === 0) return { init, body: null };
    const respond = (body) => new Response(body, init);
    const decode = decoded === AS_KEPT ? undefined : this.#decode;
    if (kept === IN_MEMORY) {
      return { response: respond(this.#engine.memory.slice(place, place + length)) };
    }
    if (kept === IN_MODULE) {
      if (decode === undefined) {
        return { init, body: new Uint8Array(this.#modules[place], start + skipped, sent) };
      }
      const brotli = new Uint8Array(this.#modules[place], start, length);
      const part = (whole) => respond(whole.subarray(skipped, skipped + sent));
      return { response: decode(brotli).then(part) };
    }
    const name = this.#engine.text(place, 32);
    const wanted = { decode, skipped, sent, length };
    return { response: this.#fromBinding(name, wanted, respond, request) };
  }

  /**
   * Keeps an answer whose body is read where it lies, since it costs no more than its header fields.
   * The engine knows nothing but the question, so its answer is always the same.
   */
  #keep(text, answer) {
    // There is no end of questions that are answered with an error.
    if (answer.init.status >= 400 || text.length > LONGEST_QUESTION) return;
    if (this.#replies.size === MOST_REPLIES) this.#replies.clear();
    this.#replies.set(text, answer);
  }

  /** Answers with a file that Workers Static Assets has. */
  async #fromBinding(name, { decode, skipped, sent, length }, respond, request) {
    const binding = this.#binding?.();
    if (binding === undefined) {
      const hint = 'deploy with the `assets` of the wrangler.jsonc that worker-pack wrote';
      console.error(`worker-pack: ${request.url} is in Workers Static Assets, and there is no binding to them: ${hint}`);
      return failure(500);
    }
    const file = await binding.fetch(`https://assets.invalid/${name}`);
    if (file.status !== 200 || file.body === null) {
      console.error(`worker-pack: ${request.url} is in Workers Static Assets, which answer ${file.status} for ${name}`);
      return failure(502);
    }
    if (decode !== undefined) {
      const whole = await decode(new Uint8Array(await file.arrayBuffer()));
      return respond(whole.subarray(skipped, skipped + sent));
    }
    const { readable, writable } = new FixedLengthStream(sent);
    const copied =
      sent === length ? file.body.pipeTo(writable) : copyPart(file.body, writable, skipped, sent);
    copied.catch((error) => console.error(`worker-pack: ${request.url} broke off:`, error));
    return respond(readable);
  }
}

/** Gives a reply again that was kept. */
function again({ init, body }) {
  // A Response copies Headers faster than it makes them, which only pays for the second time.
  if (!(init.headers instanceof Headers)) init.headers = new Headers(init.headers);
  return new Response(body, init);
}

/**
 * Returns names and values for a Response, which reads an object in less than half the time that it
 * takes for a list. But only a list can have a name twice, as `Set-Cookie` may be.
 */
function headerInit(fields) {
  const headers = Object.fromEntries(fields);
  return Object.keys(headers).length === fields.length ? headers : fields;
}

/**
 * Returns what the client accepts. Behind Cloudflare's edge the header always reads `br, gzip`, and
 * this property is what the client sent.
 */
function clientCodings(request) {
  return request.cf?.clientAcceptEncoding ?? request.headers.get('accept-encoding');
}

/** Returns a response whose headers can be changed: those of a `fetch` cannot. */
function withOwnHeaders(response) {
  try {
    response.headers.delete('x-worker-pack-probe');
    return response;
  } catch {
    return new Response(response.body, response);
  }
}

function failure(status) {
  const text = status === 502 ? '502 Bad Gateway\n' : '500 Internal Server Error\n';
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };
  return new Response(text, { status, headers });
}

/** Copies `length` bytes of a stream from `skipped` on, and asks for no more of it. */
async function copyPart(from, to, skipped, length) {
  const reader = from.getReader();
  const writer = to.getWriter();
  let left = length;
  while (left > 0) {
    const { done, value } = await reader.read();
    if (done) break;
    const begin = Math.min(skipped, value.length);
    skipped -= begin;
    const part = value.subarray(begin, begin + left);
    left -= part.length;
    if (part.length > 0) await writer.write(part);
  }
  await reader.cancel();
  await writer.close();
}
