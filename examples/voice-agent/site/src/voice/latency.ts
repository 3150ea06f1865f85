/** How long the user waits for the agent, and how far away the voice service is. */
import type { Clock } from './clock.ts';
import type { VoiceEvent } from './events.ts';

/** The waits of a rehearsal, in milliseconds. */
export interface Waits {
  readonly last: number | null;
  readonly median: number | null;
  readonly count: number;
}

/**
 * Measures from the end of the user's speech to the agent's first sound or word.
 *
 * The Realtime API reports the end of speech. The Live API does not, so the last word of the user's
 * transcript counts there.
 */
export class LatencyWatch {
  readonly #clock: Clock;
  #waits: number[] = [];
  #waitingSince: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(event: VoiceEvent): void {
    const userEnds = (event.type === 'userSpeaking' && event.phase === 'stopped') || (event.type === 'userTranscript' && event.part === 'delta');
    const agentBegins = (event.type === 'agentSpeaking' && event.phase === 'started') || event.type === 'agentTranscript';
    if (userEnds) this.#waitingSince = this.#clock.now();
    else if (event.type === 'userSpeaking') this.#waitingSince = null;
    else if (agentBegins && this.#waitingSince !== null) {
      this.#waits.push(Math.round(this.#clock.now() - this.#waitingSince));
      this.#waitingSince = null;
    }
  }

  get waits(): Waits {
    const sorted = this.#waits.toSorted((a, b) => a - b);
    return {
      last: this.#waits.at(-1) ?? null,
      median: sorted[Math.floor((sorted.length - 1) / 2)] ?? null,
      count: sorted.length,
    };
  }
}

/** Returns the round-trip time in milliseconds from the statistics of a peer connection, if ICE has measured it. */
export function roundTripOf(statistics: Iterable<unknown>): number | null {
  for (const entry of statistics) {
    const pair = entry as Partial<RTCIceCandidatePairStats>;
    if (pair.type === 'candidate-pair' && pair.nominated && typeof pair.currentRoundTripTime === 'number') {
      return Math.round(pair.currentRoundTripTime * 1000);
    }
  }
  return null;
}
