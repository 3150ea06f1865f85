// Faults on demand: how the stub answers upstream requests instead of, or before, the right answer.

import { setTimeout as pause } from 'node:timers/promises';

import { ApiError } from './errors.mjs';

/**
 * A description without media. It passes a look at its first line, and a browser refuses it as an answer.
 */
const WRONG_SDP = 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n';

const HTML = '<!doctype html><title>Bad gateway</title><h1>Bad gateway</h1>\n';

/** The answers of the modes that replace the right answer. */
const REPLIES = {
  400: () => new ApiError(400, 'The stub refuses this request.', { code: 'invalid_value' }).reply(),
  401: () =>
    new ApiError(401, 'Incorrect API key provided: sk-***.', { code: 'invalid_api_key' }).reply(),
  429: () =>
    new ApiError(429, 'Rate limit reached. Please try again in 20s.', {
      type: 'rate_limit_error',
      code: 'rate_limit_exceeded',
      headers: { 'Retry-After': '20' },
    }).reply(),
  500: () =>
    new ApiError(500, 'The server had an error while processing your request.', {
      type: 'server_error',
    }).reply(),
  // As seen at /v1/realtime/calls: openai-agents-js#438 and #549.
  'empty-error': () => ({
    status: 400,
    body: { error: { message: '', type: '', code: '', param: '' } },
  }),
  empty: () => ({ status: 200, body: '' }),
  html: () => ({ status: 200, headers: { 'Content-Type': 'text/html' }, body: HTML }),
  'changed-schema': (path) =>
    path === '/v1/responses'
      ? {
          status: 200,
          headers: { 'Content-Type': 'text/event-stream' },
          body: 'event: output.delta\ndata: {"kind":"output.delta","content":"Hello"}\n\n',
        }
      : { status: 200, body: { version: 2, result: { reference: 'call_1', content: 'renamed' } } },
};

/** All modes: those above, and those that need more than another answer. */
export const MODES = ['ok', 'slow', 'wrong-sdp', 'down', ...Object.keys(REPLIES)];

/** The mode of the stub: it applies until the next one or a reset. */
export class Mode {
  #wanted = { mode: 'ok' };

  /**
   * Sets the mode.
   *
   * @param {object} wanted
   * @param {string} wanted.mode one of `MODES`
   * @param {string} [wanted.path] the beginning of the paths that it applies to, all if missing
   * @param {number} [wanted.delay_ms] for `slow`, 1,000 if missing
   * @param {number} [wanted.times] the number of requests that it applies to, all if missing
   * @param {number} [wanted.status] another status of HTTP for the modes that replace the answer
   * @param {string} [wanted.sdp] another description for `wrong-sdp`
   */
  set(wanted) {
    if (!MODES.includes(wanted.mode)) throw new RangeError(`mode is not one of ${MODES.join(', ')}`);
    this.#wanted = { ...wanted };
  }

  /** Returns to the right answers. */
  reset() {
    this.#wanted = { mode: 'ok' };
  }

  /** Returns the mode of the next request to `path`, and counts it. */
  next(path) {
    const wanted = this.#wanted;
    const applies = path.startsWith(wanted.path ?? '') && wanted.times !== 0;
    if (applies && wanted.times !== undefined) wanted.times -= 1;
    return new RequestMode(applies ? wanted : { mode: 'ok' }, path);
  }
}

/** The mode of one request. */
export class RequestMode {
  #wanted;
  #path;

  constructor(wanted, path) {
    this.#wanted = { ...wanted };
    this.#path = path;
  }

  /** True if the connection breaks instead of an answer. */
  get breaks() {
    return this.#wanted.mode === 'down';
  }

  /**
   * Waits if the mode is `slow`.
   *
   * @param {AbortSignal} signal ends the wait with an `AbortError`
   */
  async delay(signal) {
    if (this.#wanted.mode === 'slow') {
      await pause(this.#wanted.delay_ms ?? 1_000, undefined, { signal });
    }
  }

  /** Returns the answer that replaces the right one, or undefined. */
  reply() {
    const reply = REPLIES[this.#wanted.mode]?.(this.#path);
    return reply && { ...reply, status: this.#wanted.status ?? reply.status };
  }

  /** Returns the description that the browser gets instead of the peer's. */
  description(sdp) {
    return this.#wanted.mode === 'wrong-sdp' ? (this.#wanted.sdp ?? WRONG_SDP) : sdp;
  }
}
