// The text API: `POST /v1/responses` as a stream of events, and `GET /v1/models`.

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { breakOff } from './connection.mjs';
import { invalid, missing } from './errors.mjs';

/** The models of the account. Those with a date are about to be shut down. */
const MODELS = [
  ['gpt-live-1', null],
  ['gpt-realtime-2.1', null],
  ['gpt-realtime-2.1-mini', null],
  ['gpt-realtime', '2027-01-20'],
  ['gpt-realtime-mini', '2027-01-20'],
  ['gpt-transcribe', null],
  ['gpt-6-luna', null],
  ['gpt-6.1-terra', null],
  ['gpt-5-mini', '2026-12-11'],
  ['gpt-4.1-mini', '2027-01-14'],
];

/** Returns the models of `GET /v1/models` while a test has set no others. */
export function standardModels() {
  return MODELS.map(([id, shutdown_date]) => {
    return { id, object: 'model', created: 1_780_000_000, owned_by: 'system', shutdown_date };
  });
}

/** The time between two parts of a held stream, in milliseconds. */
const REPEAT_MS = 20;

/** The ways in which a stream ends. */
const ENDS = ['completed', 'failed', 'incomplete', 'error', 'cut'];

/** How the text API answers. */
export class Chat {
  #wanted;

  constructor() {
    this.reset();
  }

  /** Returns to an answer that repeats the question. */
  reset() {
    this.#wanted = { chunks: null, hold: false, end: 'completed' };
  }

  /**
   * Sets the answer.
   *
   * @param {object} wanted
   * @param {string[]} [wanted.chunks] its parts, each an event
   * @param {boolean} [wanted.hold] true if the first part is sent again and again until the client leaves,
   *   which workerd notices only when it writes
   * @param {string} [wanted.end] one of `completed`, `failed`, `incomplete`, `error`, and `cut`: the
   *   connection breaks after the parts
   */
  set(wanted) {
    const end = wanted.end ?? 'completed';
    if (!ENDS.includes(end)) throw new RangeError(`end is not one of ${ENDS.join(', ')}`);
    this.#wanted = { chunks: wanted.chunks ?? null, hold: wanted.hold ?? false, end };
  }

  /**
   * Answers `POST /v1/responses`.
   *
   * @param {object} body of the request
   * @param {import('node:http').ServerResponse} response
   * @param {AbortSignal} signal aborted when the client leaves
   */
  async answer(body, response, signal) {
    if (typeof body?.model !== 'string') throw missing('model');
    if (body.input === undefined) throw missing('input');
    if (body.stream !== true) throw invalid('stream', 'The stub can only stream.');
    const { chunks, hold, end } = this.#wanted;
    const stream = new Stream(body, response);
    const parts = chunks ?? `You wrote: ${lastText(body.input)}`.match(/\S+\s*/g);
    stream.begin();
    for (const part of hold ? parts.slice(0, 1) : parts) stream.delta(part);
    while (hold && !signal.aborted) {
      await pause(REPEAT_MS);
      stream.delta(parts[0]);
    }
    if (signal.aborted) return;
    if (end === 'cut') breakOff(response);
    else stream.end(end);
  }
}

/** Returns the text of the last message of the input. */
function lastText(input) {
  if (typeof input === 'string') return input;
  const { content } = input.at(-1) ?? {};
  return typeof content === 'string' ? content : (content ?? []).map(({ text }) => text).join('');
}

/** The events of one response, numbered from 0. */
class Stream {
  #response;
  #number = 0;
  #text = '';
  #item = { id: `msg_${randomUUID()}`, type: 'message', role: 'assistant' };
  #resource;

  constructor({ model }, response) {
    this.#response = response;
    const created_at = Math.floor(Date.now() / 1_000);
    this.#resource = { id: `resp_${randomUUID()}`, object: 'response', created_at, model, error: null };
  }

  begin() {
    this.#response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    const response = { ...this.#resource, status: 'in_progress', output: [], usage: null };
    this.#send('response.created', { response });
    this.#send('response.in_progress', { response });
    const item = { ...this.#item, status: 'in_progress', content: [] };
    this.#send('response.output_item.added', { output_index: 0, item });
    this.#send('response.content_part.added', { ...this.#place(), part: this.#part() });
  }

  delta(text) {
    this.#text += text;
    this.#send('response.output_text.delta', { ...this.#place(), delta: text, logprobs: [] });
  }

  end(how) {
    if (how === 'error') {
      this.#send('error', { code: 'server_error', message: 'The stub ends with an error.', param: null });
    } else {
      if (how === 'completed') this.#finishItem();
      this.#send(`response.${how}`, { response: this.#result(how) });
    }
    this.#response.end();
  }

  #finishItem() {
    this.#send('response.output_text.done', { ...this.#place(), text: this.#text, logprobs: [] });
    this.#send('response.content_part.done', { ...this.#place(), part: this.#part() });
    this.#send('response.output_item.done', { output_index: 0, item: this.#finished('completed') });
  }

  #result(status) {
    const failure = { code: 'server_error', message: 'The stub ends with a failure.' };
    const [input_tokens, output_tokens] = [20, Math.ceil(this.#text.length / 4)];
    return {
      ...this.#resource,
      status,
      error: status === 'failed' ? failure : null,
      incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
      output: [this.#finished(status === 'completed' ? 'completed' : 'incomplete')],
      usage: {
        input_tokens,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: input_tokens + output_tokens,
      },
    };
  }

  #finished(status) {
    return { ...this.#item, status, content: [this.#part()] };
  }

  #place() {
    return { item_id: this.#item.id, output_index: 0, content_index: 0 };
  }

  #part() {
    return { type: 'output_text', text: this.#text, annotations: [], logprobs: [] };
  }

  #send(type, fields) {
    const event = { type, sequence_number: this.#number++, ...fields };
    this.#response.write(`event: ${type}\ndata: ${JSON.stringify(event)}\n\n`);
  }
}
