// Detection of speech in packets of Opus, by the level that browsers add to each (RFC 6464). Packets are the
// clock: each is 20 ms of sound.

/** The level in -dBov below which a packet counts as voice. Speech is at 15 to 45, a quiet room above 55. */
const VOICE_LEVEL = 50;

/** Packets without voice that end an utterance: 0.6 s. */
const PAUSE = 30;

/** Packets of the longest utterance: 5 s. An endless sound is cut into utterances. */
const LONGEST = 250;

/** Voiced packets, among the last ones, that begin an utterance. */
const START = { turn: { voiced: 6, of: 15 }, interruption: { voiced: 18, of: 30 } };

/** The length of a packet, in seconds. */
export const PACKET_SECONDS = 0.02;

/** Finds the start and end of utterances. */
export class SpeechDetector {
  #recent = [];
  #utterance = null;
  #silent = 0;

  /**
   * Takes the next packet.
   *
   * @param {import('./peer.mjs').Packet} packet
   * @param {'turn' | 'interruption'} kind `interruption` while the assistant speaks: it takes longer, so
   *   that a cough does not end the turn
   * @returns {{event: 'started'} | {event: 'stopped', utterance: Buffer[]} | null}
   */
  next(packet, kind) {
    const voiced = packet.level < VOICE_LEVEL;
    if (this.#utterance) return this.#continue(packet, voiced);
    const { voiced: needed, of } = START[kind];
    this.#recent.push({ voiced, payload: packet.payload });
    if (this.#recent.length > START.interruption.of) this.#recent.shift();
    const window = this.#recent.slice(-of);
    if (window.filter((recent) => recent.voiced).length < needed) return null;
    this.#utterance = window.map(({ payload }) => payload);
    this.#silent = 0;
    this.#recent = [];
    return { event: 'started' };
  }

  #continue({ payload }, voiced) {
    this.#utterance.push(payload);
    this.#silent = voiced ? 0 : this.#silent + 1;
    if (this.#silent < PAUSE && this.#utterance.length < LONGEST) return null;
    const utterance = this.#utterance;
    this.#utterance = null;
    return { event: 'stopped', utterance };
  }
}
