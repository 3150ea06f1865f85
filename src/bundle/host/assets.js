// Answers requests for assets: from the table, through the engine, with bytes that lie in modules of
// this Worker. What an answer is, the engine decides; here it becomes a Response.

/** What `load` of the engine returns, in words. */
const LOAD_ERRORS = [
  undefined,
  'table.bin is not a table of worker-pack',
  'table.bin is of another version than engine.wasm: pack again',
  'table.bin is incomplete: pack again',
];

/** Where a body is kept, as in the engine's reply record. */
const IN_MEMORY = 0;
const IN_MODULE = 1;

/** The word of a reply record for a body that is sent as it is kept. */
const AS_KEPT = 0xffffffff;

/** Header fields that an answer may depend on, each with the letter the engine knows it by. */
const FIELDS = [
  ['m', 'if-match'],
  ['n', 'if-none-match'],
  ['i', 'if-range'],
  ['r', 'range'],
];

/** Redirects that `fetch` follows before it gives up, as the Fetch standard has it. */
const MOST_REDIRECTS = 20;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Assets {
  #engine;
  #memory;
  /** The engine's input. */
  #input;
  #module;
  #table;
  #modules;
  #decode;
  #binding;

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
    this.#module = engine;
    this.#table = table;
    this.#modules = modules;
    this.#decode = decode;
    this.#binding = binding;
    this.#start();
  }

  /**
   * Answers a request for an asset. Returns undefined where there is none, so that others can answer.
   *
   * @param {Request} request
   * @returns {Response | Promise<Response> | undefined}
   */
  serve(request) {
    return this.#answer('respond', request, clientCodings(request));
  }

  /** Answers a request that nobody has an answer for: with the nearest 404 page, if there is one. */
  notFound(request) {
    return this.#answer('not_found', request, clientCodings(request));
  }

  /**
   * Applies the user's header rules to somebody else's answer. Errors keep their own cache policy:
   * one that is right for a path's assets is wrong for a path where none is.
   */
  changeHeaders(request, response) {
    const record = this.#call('header_changes', request, null);
    // The headers of an upgraded connection are sent.
    if (record === 0 || response.status === 101) return response;
    const changed = withOwnHeaders(response);
    for (const [name, value] of this.#fields(record)) {
      const field = name.slice(1);
      if (field === 'cache-control' && response.status >= 400) continue;
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
      const response = await (this.#answer('respond', request, 'identity') ??
        this.#answer('not_found', request, 'identity'));
      const location = response.headers.get('location');
      if (location === null || request.redirect === 'manual') return response;
      if (request.redirect === 'error' || followed === MOST_REDIRECTS) {
        throw new TypeError(`${request.url} redirects to ${location}`);
      }
      request = new Request(new URL(location, request.url), request);
    }
  }

  #start() {
    const { exports } = new WebAssembly.Instance(this.#module, {});
    const table = new Uint8Array(this.#table);
    // Before the buffer is looked at, which another takes the place of when the memory grows.
    const address = exports.input(table.length);
    new Uint8Array(exports.memory.buffer, address, table.length).set(table);
    const error = LOAD_ERRORS[exports.load(table.length)];
    if (error !== undefined) throw new Error(error);
    this.#engine = exports;
    this.#memory = exports.memory;
    this.#input = new Uint8Array(0);
  }

  #answer(how, request, codings) {
    let record;
    try {
      record = this.#call(how, request, codings);
    } catch {
      return failure(500);
    }
    return record === 0 ? undefined : this.#response(record, request);
  }

  /** Calls the engine, and starts another one if it fails: nobody knows what is in its memory then. */
  #call(how, request, codings) {
    try {
      return this.#engine[how](this.#write(request, codings));
    } catch (error) {
      console.error(`worker-pack: the engine failed at ${request.method} ${request.url}:`, error);
      this.#start();
      throw error;
    }
  }

  /** Writes a request into the engine's memory, and returns its length there. */
  #write(request, codings) {
    const { headers } = request;
    let text = `${request.method}\n${request.url}`;
    if (codings !== null) text += `\ne${codings}`;
    for (const [letter, name] of FIELDS) {
      const value = headers.get(name);
      if (value !== null) text += `\n${letter}${value}`;
    }
    // No character takes more bytes than three. When the memory grows, the view's length becomes 0.
    const room = text.length * 3;
    if (this.#input.length < room) {
      const address = this.#engine.input(room);
      this.#input = new Uint8Array(this.#memory.buffer, address, room);
    }
    return encoder.encodeInto(text, this.#input).written;
  }

  #response(address, request) {
    const { buffer } = this.#memory;
    const [status, , , kept, place, start, length, decoded, skipped, sent] = new Uint32Array(
      buffer,
      address,
      10,
    );
    const headers = headerInit(this.#fields(address));
    const respond = (body) => new Response(body, { status, headers, encodeBody: 'manual' });
    if (sent === 0) return respond(null);
    const decode = decoded === AS_KEPT ? undefined : this.#decode;
    if (kept === IN_MEMORY) return respond(buffer.slice(place, place + length));
    if (kept === IN_MODULE) {
      if (decode === undefined) {
        return respond(new Uint8Array(this.#modules[place], start + skipped, sent));
      }
      const brotli = new Uint8Array(this.#modules[place], start, length);
      return decode(brotli).then((whole) => respond(whole.subarray(skipped, skipped + sent)));
    }
    const name = decoder.decode(new Uint8Array(buffer, place, 32));
    return this.#fromBinding(name, { decode, skipped, sent, length }, respond, request);
  }

  /** Returns the names and values of a record. */
  #fields(address) {
    const { buffer } = this.#memory;
    const [, start, length] = new Uint32Array(buffer, address, 3);
    const lines = decoder.decode(new Uint8Array(buffer, start, length)).split('\n');
    const fields = [];
    for (let line = 0; line + 1 < lines.length; line += 2) {
      fields.push([lines[line], lines[line + 1]]);
    }
    return fields;
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
