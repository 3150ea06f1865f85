// One call: its peer, its sidebands and the events between them. The two APIs have their own events, in
// `realtime.mjs` and `live.mjs`.

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { Peer } from './peer.mjs';

/** The length of a spoken word on a call's timeline, in milliseconds. The timeline ignores the clock. */
export const WORD_MS = 400;

/** The longest session, in seconds: 60 minutes. */
const LONGEST_SESSION = 3_600;

/** An assistant turn that has not ended. */
class Turn {
  #stop = new AbortController();
  /** The words that were said. */
  said = '';

  /** Ends when the turn is interrupted. */
  get signal() {
    return this.#stop.signal;
  }

  /** Interrupts the turn. */
  stop() {
    this.#stop.abort();
  }
}

/** A call. `RealtimeCall` and `LiveCall` add the events of their API. */
export class Call {
  open = true;
  /** The reason of the end: `hangup`, `dropped`, `expired`, `left` or `reset`. */
  endReason = null;
  /** All events that were sent and received, as objects. */
  sent = [];
  received = [];
  /** True while the user is muted, which only Live knows. */
  muted = false;
  /** The time of speech so far, in milliseconds. */
  timeline = 0;
  /** The assistant turn in progress. @type {Turn | null} */
  turn = null;
  #peer;
  #sidebands = new Set();
  #changes;
  #agent;

  /**
   * @param {object} parts
   * @param {string} parts.prefix of the call's identifier
   * @param {object} parts.session the configuration from the request
   * @param {import('./changes.mjs').Changes} parts.changes
   * @param {(call: Call) => import('./agent.mjs').Agent} parts.agent
   */
  constructor({ prefix, session, changes, agent }) {
    this.id = prefix + randomUUID().replaceAll('-', '');
    this.session = session;
    this.expiresAt = Math.floor(Date.now() / 1_000) + LONGEST_SESSION;
    this.#changes = changes;
    this.#agent = agent(this);
    this.#peer = new Peer({
      opened: () => {
        this.started();
        this.#agent.greet();
      },
      message: (text) => this.#receive(text),
      packet: (packet) => {
        const { packetsIn, packetsOut } = this.#peer;
        if (packetsIn === 1 || packetsOut === 1) changes.announce();
        return this.#agent.packet(packet);
      },
      left: () => this.#end('left', () => this.#peer.close()),
    });
  }

  /** Returns the answer to the browser's offer. */
  answer(offer) {
    return this.#peer.answer(offer);
  }

  /** Returns the state of the call for `GET /stub/calls`. */
  snapshot() {
    const { id, api, open, session, sent, received } = this;
    return {
      id,
      api,
      open,
      end_reason: this.endReason,
      model: session.model,
      instructions: session.instructions ?? null,
      input: session.input ?? null,
      connection: this.#peer.state,
      packets_in: this.#peer.packetsIn,
      packets_out: this.#peer.packetsOut,
      channel_open: this.#peer.channelOpen,
      sideband_open: this.#sidebands.size > 0,
      turn_open: this.turn !== null,
      session,
      sent,
      received,
    };
  }

  /** Connects a WebSocket that gets the events from now on. */
  attach(socket) {
    this.#sidebands.add(socket);
    socket.on('message', (data) => this.#receive(String(data)));
    socket.on('close', () => {
      this.#sidebands.delete(socket);
      this.#changes.announce();
    });
    // A broken sideband is the other end's affair; `close` follows.
    socket.on('error', () => {});
    this.#changes.announce();
  }

  /** Sends an event to the browser and the sidebands. */
  emit(type, fields, receivers = 'all') {
    const event = { type, event_id: `event_${this.sent.length + 1}`, ...fields };
    const text = JSON.stringify(event);
    // The log keeps the event as it was sent, while items change later.
    this.sent.push(JSON.parse(text));
    this.#peer.send(text);
    if (receivers === 'all') for (const socket of this.#sidebands) socket.send(text);
    this.#changes.announce();
  }

  /**
   * Makes an assistant turn.
   *
   * @param {string} text
   * @param {object} [how]
   * @param {boolean} [how.hold] true if the turn stays open after the last word, until `finish`
   * @param {number} [how.word_ms] the pause after each word, in milliseconds
   * @param {object} [how.usage] reported instead of the stub's own figures
   * @returns {Promise<Turn>} once the last word is said or the turn is interrupted
   */
  async say(text, { hold = false, word_ms = 0, usage } = {}) {
    if (this.turn) throw new RangeError('a turn is in progress');
    const turn = (this.turn = Object.assign(new Turn(), { usage }));
    this.turnStarted(turn);
    for (const word of text.match(/\S+\s*/g) ?? []) {
      turn.said += word;
      this.timeline += WORD_MS;
      this.wordSaid(turn, word);
      // An interrupted pause ends the turn, which is not an error.
      if (word_ms) await pause(word_ms, undefined, { signal: turn.signal }).catch(() => {});
      if (turn.signal.aborted) return turn;
    }
    if (!hold) this.finish();
    return turn;
  }

  /** Completes the turn in progress. */
  finish() {
    const turn = this.turn;
    if (!turn) throw new RangeError('no turn is in progress');
    this.turn = null;
    this.turnCompleted(turn);
    this.#changes.announce();
  }

  /** Interrupts the turn in progress, if any, and returns it. */
  interrupt() {
    const turn = this.turn;
    this.turn = null;
    turn?.stop();
    return turn;
  }

  /** Makes a user turn. */
  hear(text) {
    this.speechStarted();
    this.speechStopped(text);
  }

  /** Makes the agent answer, after a client event that asks for it. */
  respond() {
    this.#agent.respond();
  }

  /** Ends the call as the API does after a request of the application. */
  hangup() {
    return this.#end('hangup', () => this.#peer.close());
  }

  /** Ends the call as the API does after the longest session. */
  expire() {
    return this.#end('expired', () => this.#peer.close());
  }

  /**
   * Breaks the call: no event, and the sidebands end abnormally (1006).
   *
   * @param {'silent' | 'channel'} how `silent`: packets stop, and browsers notice after some seconds;
   *   `channel`: the data channel closes as well
   */
  drop(how) {
    return this.#end('dropped', () => (how === 'channel' ? this.#peer.close() : this.#peer.vanish()));
  }

  /** Ends the call when the stub is reset or closed. */
  discard() {
    return this.#end('reset', () => this.#peer.vanish());
  }

  async #end(reason, closePeer) {
    if (!this.open) {
      // After the browser has left, a sideband may still be open.
      this.#closeSidebands(reason);
      return;
    }
    this.interrupt();
    this.ending(reason);
    this.open = false;
    this.endReason = reason;
    if (reason !== 'left' || this.api === 'live') this.#closeSidebands(reason);
    await closePeer();
    this.#changes.announce();
  }

  #closeSidebands(reason) {
    for (const socket of this.#sidebands) {
      if (reason === 'dropped' || reason === 'reset') socket.terminate();
      else socket.close(1000, reason);
    }
  }

  #receive(text) {
    let event;
    try {
      event = JSON.parse(text);
    } catch {
      this.fail(null, { code: 'invalid_json', message: 'The event is not valid JSON.' });
      return;
    }
    this.received.push(event);
    this.#changes.announce();
    if (!this.clientEvent(event)) {
      const message = `Invalid value: '${event.type}'.`;
      this.fail(event, { code: 'invalid_value', message, param: 'type' });
    }
  }
}
