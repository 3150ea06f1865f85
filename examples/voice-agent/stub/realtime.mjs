// The Realtime API: its calls, their events, and the secrets with which browsers make calls themselves.

import { randomUUID } from 'node:crypto';

import { Call, WORD_MS } from './call.mjs';
import { checkSession, invalid, missing } from './errors.mjs';

const MODEL = 'gpt-realtime-2.1';

/** The parameters of a session. */
const PARAMETERS = `type audio include instructions max_output_tokens model output_modalities
  parallel_tool_calls prompt reasoning tool_choice tools tracing truncation`.split(/\s+/);

/** Audio per token, in milliseconds: the user's and the assistant's. */
const INPUT_TOKEN_MS = 100;
const OUTPUT_TOKEN_MS = 50;

/** Returns the number of tokens of a text: about four characters each. */
const textTokens = (text) => Math.ceil((text ?? '').length / 4);

/** Checks the session of a request and returns it with its defaults. */
export function realtimeSession(session) {
  checkSession(session, PARAMETERS);
  if (session.type === undefined) throw missing('session.type');
  if (session.type !== 'realtime') throw invalid('session.type', "Supported values are: 'realtime'.");
  return { model: MODEL, output_modalities: ['audio'], ...session };
}

/**
 * Makes a secret for a browser.
 *
 * @param {object} body of `POST /v1/realtime/client_secrets`
 * @returns {{value: string, expires_at: number, session: object, configured: object}} `expires_at` in
 *   seconds of Unix time, `session` with what the API adds, `configured` without
 */
export function clientSecret(body) {
  const seconds = body?.expires_after?.seconds ?? 600;
  if (!Number.isInteger(seconds) || seconds < 10 || seconds > 7_200) {
    throw invalid('expires_after.seconds', 'Expected an integer from 10 to 7200.');
  }
  const id = `sess_${randomUUID().replaceAll('-', '')}`;
  const session = realtimeSession(body?.session ?? { type: 'realtime' });
  return {
    value: `ek_${randomUUID().replaceAll('-', '')}`,
    expires_at: Math.floor(Date.now() / 1_000) + seconds,
    session: { id, object: 'realtime.session', ...session },
    configured: session,
  };
}

/** A call of the Realtime API. */
export class RealtimeCall extends Call {
  api = 'realtime';
  #items = 0;
  #lastItem = null;
  #responses = 0;
  /** The user's item between the start and the end of speech. */
  #heard = null;
  /** The response whose audio is playing. */
  #playing = null;
  /** Tokens of the conversation, and the part of them that the last response has seen. */
  #context = { text: 0, audio: 0 };
  #cached = 0;

  constructor(parts) {
    super({ ...parts, prefix: 'rtc_' });
    this.#context.text = textTokens(parts.session.instructions);
  }

  /** Sends the first event. Sidebands get none, as in the API. */
  started() {
    this.emit('session.created', { session: this.#resource() }, 'browser');
  }

  turnStarted(turn) {
    if (this.#playing) this.#stopPlaying('stopped');
    turn.response_id = `resp_${++this.#responses}`;
    turn.item = this.#item('assistant', []);
    this.emit('response.created', { response: this.#response(turn, 'in_progress') });
    const place = { response_id: turn.response_id, output_index: 0 };
    this.emit('response.output_item.added', { ...place, item: turn.item });
    this.#add('added', turn.item);
    const part = { type: 'audio', transcript: '' };
    this.emit('response.content_part.added', { ...this.#place(turn), part });
    this.#playing = turn.response_id;
    this.emit('output_audio_buffer.started', { response_id: turn.response_id });
  }

  wordSaid(turn, word) {
    this.emit('response.output_audio_transcript.delta', { ...this.#place(turn), delta: word });
  }

  turnCompleted(turn) {
    this.#respond(turn, 'completed');
    this.#stopPlaying('stopped');
  }

  speechStarted() {
    this.#heard = { id: this.#nextItem(), start: this.timeline };
    const place = { item_id: this.#heard.id };
    this.emit('input_audio_buffer.speech_started', { audio_start_ms: this.timeline, ...place });
    this.#cancel('turn_detected');
    if (this.#playing) this.#stopPlaying('cleared');
  }

  speechStopped(text) {
    const { id, start } = this.#heard;
    this.timeline += WORD_MS * text.split(/\s+/).length;
    this.emit('input_audio_buffer.speech_stopped', { audio_end_ms: this.timeline, item_id: id });
    this.emit('input_audio_buffer.committed', { previous_item_id: this.#lastItem, item_id: id });
    const content = [{ type: 'input_audio', transcript: null }];
    const item = { ...this.#item('user', content, id), status: 'completed' };
    this.#add('added', item);
    this.#add('done', item);
    const place = { item_id: id, content_index: 0 };
    const kind = 'conversation.item.input_audio_transcription';
    this.emit(`${kind}.delta`, { ...place, delta: text });
    const [input, output] = [Math.ceil((this.timeline - start) / INPUT_TOKEN_MS), textTokens(text)];
    this.emit(`${kind}.completed`, {
      ...place,
      transcript: text,
      usage: {
        type: 'tokens',
        total_tokens: input + output,
        input_tokens: input,
        input_token_details: { text_tokens: 0, audio_tokens: input },
        output_tokens: output,
      },
    });
    this.#context.audio += input;
  }

  /** Reacts to an event of the browser or a sideband. Returns false if its type is unknown. */
  clientEvent(event) {
    switch (event.type) {
      case 'session.update':
        this.session = { ...this.session, ...event.session };
        this.emit('session.updated', { session: this.#resource() });
        return true;
      case 'conversation.item.create':
        this.#create(event.item);
        return true;
      case 'response.create':
        this.respond();
        return true;
      case 'response.cancel':
        if (!this.#cancel('client_cancelled')) {
          const message = 'Cancellation failed: no active response found';
          this.fail(event, { code: 'response_cancel_not_active', message });
        }
        return true;
      case 'output_audio_buffer.clear':
        if (this.#playing) this.#stopPlaying('cleared');
        this.#cancel('client_cancelled');
        return true;
      default:
        return false;
    }
  }

  /** Sends an error on the channel. */
  fail(event, { code, message, param = null }) {
    const error = { type: 'invalid_request_error', code, message, param };
    this.emit('error', { error: { ...error, event_id: event?.event_id ?? null } });
  }

  /** Sends the last event before the end, if the API has one for this reason. */
  ending(reason) {
    if (reason !== 'expired') return;
    const message = 'Your session hit the maximum duration of 60 minutes.';
    this.fail(null, { code: 'session_expired', message });
  }

  #resource() {
    const { id, expiresAt, session } = this;
    return { object: 'realtime.session', id: id.replace('rtc_', 'sess_'), expires_at: expiresAt, ...session };
  }

  #create(item) {
    const created = { object: 'realtime.item', id: this.#nextItem(), status: 'completed', ...item };
    this.#context.text += textTokens((item?.content ?? []).map(({ text }) => text ?? '').join(' '));
    this.#add('added', created);
    this.#add('done', created);
  }

  #cancel(reason) {
    const turn = this.interrupt();
    if (turn) this.#respond(turn, 'cancelled', { type: 'cancelled', reason });
    return turn !== null;
  }

  #respond(turn, status, details = null) {
    const place = this.#place(turn);
    const part = { type: 'audio', transcript: turn.said };
    turn.item.status = status === 'completed' ? 'completed' : 'incomplete';
    turn.item.content = [{ type: 'output_audio', transcript: turn.said }];
    this.emit('response.output_audio.done', place);
    this.emit('response.output_audio_transcript.done', { ...place, transcript: turn.said });
    this.emit('response.content_part.done', { ...place, part });
    const { response_id, output_index } = place;
    this.emit('response.output_item.done', { response_id, output_index, item: turn.item });
    this.#add('done', turn.item);
    const usage = turn.usage ?? this.#usage(turn.said);
    const response = { ...this.#response(turn, status), output: [turn.item], usage };
    this.emit('response.done', { response: { ...response, status_details: details } });
  }

  #response(turn, status) {
    return {
      object: 'realtime.response',
      id: turn.response_id,
      status,
      status_details: null,
      output: [],
      conversation_id: `conv_${this.id}`,
      output_modalities: ['audio'],
      max_output_tokens: 'inf',
      usage: null,
      metadata: null,
    };
  }

  #usage(said) {
    const { text, audio } = this.#context;
    const cached = this.#cached;
    const words = said.match(/\S+/g)?.length ?? 0;
    const output = { text_tokens: textTokens(said), audio_tokens: (words * WORD_MS) / OUTPUT_TOKEN_MS };
    this.#cached = text + audio;
    this.#context.audio += output.audio_tokens;
    const [input_tokens, output_tokens] = [text + audio, output.text_tokens + output.audio_tokens];
    return {
      total_tokens: input_tokens + output_tokens,
      input_tokens,
      output_tokens,
      input_token_details: { text_tokens: text, audio_tokens: audio, image_tokens: 0, cached_tokens: cached },
      output_token_details: output,
    };
  }

  #stopPlaying(how) {
    this.emit(`output_audio_buffer.${how}`, { response_id: this.#playing });
    this.#playing = null;
  }

  #nextItem() {
    return `item_${++this.#items}`;
  }

  #item(role, content, id = this.#nextItem()) {
    return { object: 'realtime.item', id, type: 'message', status: 'in_progress', role, content };
  }

  #add(what, item) {
    this.emit(`conversation.item.${what}`, { previous_item_id: this.#lastItem, item });
    if (what === 'done') this.#lastItem = item.id;
  }

  #place(turn) {
    return { response_id: turn.response_id, item_id: turn.item.id, output_index: 0, content_index: 0 };
  }
}
