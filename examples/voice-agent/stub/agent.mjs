// What speaks in a call. `Echo` sends audio back at once and leaves all turns to a test; `Conversation`
// greets, listens, and answers with the user's own voice.

import { PACKET_SECONDS, SpeechDetector } from './speech.mjs';

/** The pause between two words of a transcript, in milliseconds. */
const WORD_PAUSE_MS = 120;

const GREETING =
  'Hello! I am the stub of the voice API. Say something, and I will answer with your own voice.';

/**
 * Decides when the assistant speaks.
 *
 * @typedef {object} Agent
 * @property {() => void} greet called once events can be sent
 * @property {(packet: import('./peer.mjs').Packet) => Buffer | null} packet returns the packet to send
 * @property {() => void} respond called when a client asks for an answer
 */

/** Sends each packet back at once. Turns come from `POST /stub/calls/<id>/say` and `hear` only. */
export class Echo {
  #call;

  constructor(call) {
    this.#call = call;
  }

  greet() {}

  packet({ payload }) {
    return this.#call.muted ? null : payload;
  }

  respond() {}
}

/** A small voice agent. */
export class Conversation {
  #call;
  #detector = new SpeechDetector();
  /** The packets of the answer that are still to be sent. */
  #answer = [];
  /** Called when the answer is sent. */
  #sent = () => {};

  constructor(call) {
    this.#call = call;
  }

  greet() {
    this.#speak(GREETING, []);
  }

  respond() {
    this.#speak('I have read your message, and I can only repeat what I hear.', []);
  }

  /** Listens to a packet. Packets are sent at the rate of those that arrive. */
  packet(packet) {
    if (this.#call.muted) return null;
    const heard = this.#detector.next(packet, this.#call.turn ? 'interruption' : 'turn');
    if (heard?.event === 'started') this.#call.speechStarted();
    if (heard?.event === 'stopped') {
      const seconds = (heard.utterance.length * PACKET_SECONDS).toFixed(1);
      this.#call.speechStopped(`… (${seconds} seconds of speech)`);
      this.#speak(`You spoke for ${seconds} seconds, and this is what I heard.`, heard.utterance);
    }
    const next = this.#answer.shift() ?? null;
    if (this.#answer.length === 0) this.#sent();
    return next;
  }

  /** Makes a turn that lasts until its words are said and its packets are sent. */
  async #speak(text, packets) {
    if (this.#call.turn) return;
    this.#answer = packets;
    const sent = new Promise((resolve) => (this.#sent = resolve));
    const turn = await this.#call.say(text, { hold: true, word_ms: WORD_PAUSE_MS });
    if (packets.length > 0) {
      const stopped = new Promise((resolve) => turn.signal.addEventListener('abort', resolve));
      if (!turn.signal.aborted) await Promise.race([sent, stopped]);
    }
    if (turn.signal.aborted) this.#answer = [];
    else this.#call.finish();
  }
}
