// The Live API (GPT-Live): its calls and their events.

import { Call, WORD_MS } from './call.mjs';
import { ApiError, checkSession, invalid, missing } from './errors.mjs';

/** The parameters of a session that is created over WebRTC. */
const PARAMETERS = `model audio client delegation input instructions safety_identifier store
  triggers`.split(/\s+/);

/** The most messages of history that a session begins with. */
const MOST_MESSAGES = 128;

/** The type of a message's only part. */
const PART_TYPES = { developer: 'input_text', user: 'input_text', assistant: 'output_text' };

/** Client events that are only acknowledged, and their acknowledgements. */
const ACKNOWLEDGEMENTS = {
  'session.instructions.append': 'session.instructions.appended',
  'session.thinking.append': 'session.thinking.appended',
  'session.commentary.append': 'session.commentary.appended',
};

/** Checks the body of `POST /v1/live/sessions`. Returns the session and the offer. */
export function liveRequest(body) {
  const { session, transport } = body ?? {};
  checkSession(session, PARAMETERS);
  if (typeof session.model !== 'string') throw missing('session.model');
  if (transport?.type !== 'webrtc') throw invalid('transport.type', "Supported values are: 'webrtc'.");
  if (typeof transport.sdp !== 'string' || !transport.sdp) throw missing('transport.sdp');
  checkInput(session.input ?? []);
  return { session, offer: transport.sdp };
}

function checkInput(input) {
  if (!Array.isArray(input)) throw invalid('session.input', 'Expected a list of messages.');
  if (input.length > MOST_MESSAGES) {
    const message = `Expected at most ${MOST_MESSAGES} messages.`;
    throw new ApiError(400, message, { code: 'array_above_max_length', param: 'session.input' });
  }
  input.forEach(({ role, content }, index) => {
    const param = `session.input[${index}]`;
    if (!Object.hasOwn(PART_TYPES, role)) throw invalid(`${param}.role`, `Invalid role: '${role}'.`);
    const [part] = Array.isArray(content) && content.length === 1 ? content : [];
    if (typeof part?.text !== 'string' || (part.type ?? PART_TYPES[role]) !== PART_TYPES[role]) {
      throw invalid(`${param}.content`, `Expected one part of the type ${PART_TYPES[role]}.`);
    }
  });
}

/** A session of the Live API. Speech costs seconds, whoever speaks; silence costs nothing here. */
export class LiveCall extends Call {
  api = 'live';
  /** Seconds that a test has added to those of the timeline. */
  #added = 0;

  constructor(parts) {
    super({ ...parts, prefix: 'live_' });
  }

  /** Sends the first event. */
  started() {
    this.emit('session.started', { session: this.#resource() });
  }

  turnStarted() {}

  wordSaid(_turn, word) {
    this.#transcribe('output', word, this.timeline - WORD_MS);
  }

  turnCompleted(turn) {
    this.#added += turn.usage?.seconds ?? 0;
    this.#reportUsage();
  }

  /** Interrupts the assistant: the API has no event for it. */
  speechStarted() {
    if (this.interrupt()) this.#reportUsage();
  }

  speechStopped(text) {
    for (const word of text.match(/\S+\s*/g) ?? []) {
      this.timeline += WORD_MS;
      this.#transcribe('input', word, this.timeline - WORD_MS);
    }
    this.#reportUsage();
  }

  /** Reacts to an event of the browser or a sideband. Returns false if its type is unknown. */
  clientEvent(event) {
    const client = event.event_id ? { client_event_id: event.event_id } : {};
    if (Object.hasOwn(ACKNOWLEDGEMENTS, event.type)) {
      const moment = { start_ms: this.timeline, end_ms: this.timeline };
      this.emit(ACKNOWLEDGEMENTS[event.type], { ...client, ...moment });
      return true;
    }
    switch (event.type) {
      case 'session.close':
        this.hangup();
        return true;
      case 'session.update':
        this.session = { ...this.session, ...event.session };
        this.emit('session.updated', { ...client, session: this.#resource() });
        return true;
      case 'session.input_audio.mute':
      case 'session.input_audio.unmute':
        this.muted = event.type.endsWith('.mute');
        this.emit(`${event.type}d`, client);
        return true;
      default:
        return false;
    }
  }

  /** Sends an error on the channel. */
  fail(event, { code, message, param }) {
    const client = event?.event_id ? { client_event_id: event.event_id } : {};
    const error = { type: 'invalid_request_error', code, message, ...client };
    this.emit('error', { ...client, error: param ? { ...error, param } : error });
  }

  /** Sends the last event before the end, unless the call breaks. */
  ending(reason) {
    const reasons = { hangup: 'close_requested', expired: 'expired', left: 'remote_hangup' };
    if (!reasons[reason]) return;
    const closed = { reason: reasons[reason], session: this.#resource(), usage: this.#usage() };
    this.emit('session.closed', closed);
  }

  #transcribe(direction, delta, start) {
    const time = { start_ms: start, end_ms: this.timeline };
    this.emit(`session.${direction}_transcript.delta`, { delta, ...time });
  }

  #usage() {
    return { seconds: this.timeline / 1_000 + this.#added };
  }

  #reportUsage() {
    this.emit('session.usage.updated', { usage: this.#usage() });
  }

  #resource() {
    const { safety_identifier: _, ...session } = this.session;
    return { id: this.id, expires_at: this.expiresAt, status: 'active', ...session };
  }
}
