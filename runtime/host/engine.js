// The engine: decides the reply to a request. `assets.js` makes a Response of it.

// The numbers and letters below are those of the crate `engine`, one of whose tests compares them.

/** The number of 32-bit words in a record. */
const RECORD_WORDS = 10;

/** The place of a body, as word 3 of a record. */
export const IN_MEMORY = 0;
export const IN_MODULE = 1;
export const IN_STATIC_ASSET = 2;
export const IN_R2_OBJECT = 3;

/** Word 0 of a record that leaves the request to the server. */
export const SERVER_ANSWERS = 0;

/** Word 7 of a record whose body is sent as it is stored. */
export const AS_STORED = 0xffffffff;

/** The length of the name of a body in Workers Static Assets or in R2. */
export const NAME_LENGTH = 32;

/** The marks before the names in a record of header changes. Any other appends the value. */
export const REMOVE = '-';
export const SET = '=';
export const DEFAULT = '?';

/** The first two words of a table: a mark, and the version of the format. */
const TABLE_MAGIC = 0x62747077;
const TABLE_VERSION = 6;

/** Error messages for the results of `load`. */
const LOAD_ERRORS = [
  undefined,
  'table.bin is not a table of worker-pack',
  'table.bin has another version than engine.wasm: pack again',
  'table.bin is incomplete: pack again',
];

/** The header fields that a reply may depend on, each with the letter that stands for its name. */
const FIELDS = [
  ['d', 'available-dictionary'],
  ['m', 'if-match'],
  ['n', 'if-none-match'],
  ['i', 'if-range'],
  ['r', 'range'],
];
/** The letter of `Accept-Encoding`, whose value is not always the header's. */
const CODINGS_LETTER = 'e';
/** The letter of `Accept`, and what it contains if a reply may depend on it. */
const TYPES_LETTER = 't';
const PICTURE_TYPE = 'image/';
/** The letter of `Authorization`, whose value the engine does not need. */
const AUTHORIZATION_LETTER = 'a';
/** The line of a request by which a browser opens a page. Replies depend on no other mode. */
const NAVIGATION_LINE = 'snavigate';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Returns the text of a request: everything in it that the reply depends on.
 *
 * @param {Request} request
 * @param {string | null} codings the accepted content codings
 */
export function requestText({ method, url, headers }, codings) {
  let text = `${method}\n${url}`;
  if (codings !== null) text += `\n${CODINGS_LETTER}${codings}`;
  const types = headers.get('accept');
  if (types !== null && types.includes(PICTURE_TYPE)) text += `\n${TYPES_LETTER}${types}`;
  for (const [letter, name] of FIELDS) {
    const value = headers.get(name);
    if (value !== null) text += `\n${letter}${value}`;
  }
  if (headers.get('sec-fetch-mode') === 'navigate') text += `\n${NAVIGATION_LINE}`;
  if (headers.has('authorization')) text += `\n${AUTHORIZATION_LETTER}`;
  return text;
}

/**
 * Starts the engine with a table, and returns its exports.
 *
 * @param {WebAssembly.Module} module
 * @param {ArrayBuffer} table
 */
export function instantiate(module, table) {
  const { exports } = new WebAssembly.Instance(module, {});
  load(exports, table);
  return exports;
}

/** Gives a table to the engine. */
export function load(exports, table) {
  const bytes = new Uint8Array(table);
  // `input` may grow the memory, which replaces its buffer, so it comes before `buffer` is read.
  const address = exports.input(bytes.length);
  new Uint8Array(exports.memory.buffer, address, bytes.length).set(bytes);
  const error = LOAD_ERRORS[exports.load(bytes.length)];
  if (error !== undefined) throw new Error(error);
}

/** Returns whether a request has a field that replies depend on, besides those of every browser. */
export function hasFields(headers) {
  for (const [, name] of FIELDS) if (headers.has(name)) return true;
  return headers.has('authorization');
}

/** Fails if an engine cannot read a table, so that a Worker starts with a table that it can read. */
export function checkTable(table) {
  const [magic, version] = new Uint32Array(table, 0, Math.min(2, table.byteLength >> 2));
  const error = magic !== TABLE_MAGIC ? 1 : version !== TABLE_VERSION ? 2 : 0;
  if (error !== 0) throw new Error(LOAD_ERRORS[error]);
}

export class Engine {
  #start;
  #exports;
  /** The part of the engine's memory that request texts are written into. */
  #input = new Uint8Array(0);

  /**
   * @param {() => object} start starts the engine, and returns its memory and its functions
   */
  constructor(start) {
    this.#start = start;
    this.#exports = start();
  }

  /**
   * Calls a function of the engine for a request. If the engine fails, its memory may be damaged, so
   * another one takes its place.
   *
   * @param {'respond' | 'respond_to_server' | 'not_found' | 'header_changes'} name
   * @param {string} text the text of a request
   * @param {...number} numbers further arguments
   * @returns {Uint32Array | undefined} the words of a record, which are valid until the next call
   */
  call(name, text, ...numbers) {
    try {
      const address = this.#exports[name](this.#write(text), ...numbers);
      return address === 0 ? undefined : new Uint32Array(this.memory, address, RECORD_WORDS);
    } catch (error) {
      console.error('worker-pack: the engine failed at', text.split('\n', 2).join(' '), error);
      this.#exports = this.#start();
      this.#input = new Uint8Array(0);
      throw error;
    }
  }

  /** Returns the names and values in a record. */
  fields(record) {
    const lines = this.text(record[1], record[2]).split('\n');
    const fields = [];
    for (let line = 0; line + 1 < lines.length; line += 2) {
      fields.push([lines[line], lines[line + 1]]);
    }
    return fields;
  }

  /** Returns a text in the memory. */
  text(address, length) {
    return decoder.decode(new Uint8Array(this.memory, address, length));
  }

  get memory() {
    return this.#exports.memory.buffer;
  }

  /** Writes a text into the memory, and returns its length there. */
  #write(text) {
    // A UTF-16 unit takes at most three bytes in UTF-8. When the memory grows, the old view is
    // detached and its length becomes 0, so that a new view is made here.
    const room = text.length * 3;
    if (this.#input.length < room) {
      const address = this.#exports.input(room);
      this.#input = new Uint8Array(this.memory, address, room);
    }
    return encoder.encodeInto(text, this.#input).written;
  }
}
