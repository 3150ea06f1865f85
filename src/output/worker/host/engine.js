// The engine: what it is asked, and what it answers. It decides what an answer is, and others make a
// Response of that.

/** What `load` returns, in words. */
const LOAD_ERRORS = [
  undefined,
  'table.bin is not a table of worker-pack',
  'table.bin is of another version than engine.wasm: pack again',
  'table.bin is incomplete: pack again',
];

/** Header fields that an answer may depend on, each with the letter the engine knows it by. */
const FIELDS = [
  ['m', 'if-match'],
  ['n', 'if-none-match'],
  ['i', 'if-range'],
  ['r', 'range'],
];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Writes down all of a request that an answer depends on.
 *
 * @param {Request} request
 * @param {string | null} codings the content codings that are accepted
 */
export function question({ method, url, headers }, codings) {
  let text = codings === null ? `${method}\n${url}` : `${method}\n${url}\ne${codings}`;
  for (const [letter, name] of FIELDS) {
    const value = headers.get(name);
    if (value !== null) text += `\n${letter}${value}`;
  }
  // Its value is nobody's business.
  if (headers.has('authorization')) text += '\na';
  return text;
}

export class Engine {
  #module;
  #table;
  #exports;
  /** Its memory that questions are written into. */
  #input;

  /**
   * @param {WebAssembly.Module} module
   * @param {ArrayBuffer} table
   */
  constructor(module, table) {
    this.#module = module;
    this.#table = table;
    this.#start();
  }

  #start() {
    const { exports } = new WebAssembly.Instance(this.#module, {});
    const table = new Uint8Array(this.#table);
    // Before the buffer is looked at, which another takes the place of when the memory grows.
    const address = exports.input(table.length);
    new Uint8Array(exports.memory.buffer, address, table.length).set(table);
    const error = LOAD_ERRORS[exports.load(table.length)];
    if (error !== undefined) throw new Error(error);
    this.#exports = exports;
    this.#input = new Uint8Array(0);
  }

  /**
   * Asks something. Starts another engine if this one fails: nobody knows what is in its memory then.
   *
   * @param {'respond' | 'not_found' | 'header_changes'} how
   * @param {string} question
   * @param {...number} numbers further arguments of the function
   * @returns {Uint32Array | undefined} the words of a record, which are there until the next call
   */
  ask(how, question, ...numbers) {
    try {
      const address = this.#exports[how](this.#write(question), ...numbers);
      return address === 0 ? undefined : new Uint32Array(this.memory, address, 10);
    } catch (error) {
      console.error('worker-pack: the engine failed at', question.split('\n', 2).join(' '), error);
      this.#start();
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

  /** Writes a question into the memory, and returns its length there. */
  #write(question) {
    // No character takes more bytes than three. When the memory grows, the view's length becomes 0.
    const room = question.length * 3;
    if (this.#input.length < room) {
      const address = this.#exports.input(room);
      this.#input = new Uint8Array(this.memory, address, room);
    }
    return encoder.encodeInto(question, this.#input).written;
  }
}
