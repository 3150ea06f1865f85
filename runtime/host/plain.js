// Answers plain requests without the engine: with replies that the packer has got from the runtime.

import { hasFields } from './engine.js';

/** The beginning of a URL, up to its path. Others are left to the engine, which reads all of them. */
const ORIGIN = /^https?:\/\/[a-z0-9.:[\]_-]{1,300}(?=\/)/i;

export class PlainReplies {
  #words;
  #texts;
  #codings;
  #templates;
  #modules;
  /** The beginning of the last URL, which most of them share. */
  #origin = '';

  /**
   * @param {object} replies what the packer has written: `plain.rs` explains its format
   * @param {ArrayBuffer} replies.index
   * @param {string[]} replies.codings the values of `Accept-Encoding` of plain requests
   * @param {((values: string[]) => Record<string, string>)[]} replies.templates make header fields
   * @param {ArrayBuffer[]} modules the Data modules that store bodies
   */
  constructor({ index, codings, templates }, modules) {
    const [texts] = new Uint32Array(index, 0, 1);
    this.#words = new Uint32Array(index, 0, texts >> 2);
    // As one string, since parts of a string cost less than a decoder.
    this.#texts = new TextDecoder().decode(new Uint8Array(index, texts));
    this.#codings = new Set(codings);
    this.#templates = templates;
    this.#modules = modules;
  }

  /**
   * Answers a request if it is a plain one.
   *
   * @param {Request} request
   * @param {string | null} codings the accepted content codings
   * @returns {Response | undefined}
   */
  answer({ method, url, headers }, codings) {
    if (method !== 'GET' || !this.#codings.has(codings)) return undefined;
    const record = this.#find(url);
    return record === 0 || hasFields(headers) ? undefined : this.#respond(record);
  }

  /** Returns the word at which the record of a URL begins, or 0. */
  #find(url) {
    if (!url.startsWith(this.#origin) || url[this.#origin.length] !== '/') {
      const [origin] = ORIGIN.exec(url) ?? [];
      if (origin === undefined) return 0;
      this.#origin = origin;
    }
    const words = this.#words;
    const path = url.slice(this.#origin.length);
    let hash = 0x811c9dc5;
    for (let at = 0; at < path.length; at++) {
      hash = Math.imul(hash ^ path.charCodeAt(at), 0x01000193);
    }
    const mask = words[1] - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const record = words[2 + slot];
      if (record === 0) return 0;
      const isSame = path.length === (words[record] & 0xffff);
      if (isSame && this.#texts.startsWith(path, words[record + 1])) return record;
    }
  }

  #respond(record) {
    const words = this.#words;
    const lengths = words[record];
    const text = words[record + 1] + (lengths & 0xffff);
    const template = this.#templates[words[record + 2] & 0xffff];
    const module = this.#modules[words[record + 2] >>> 16];
    const values = this.#texts.slice(text, text + (lengths >>> 16)).split('\n');
    const body = new Uint8Array(module, words[record + 3], words[record + 4]);
    return new Response(body, { headers: template(values), encodeBody: 'manual' });
  }
}
