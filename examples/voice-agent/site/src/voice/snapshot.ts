/** What the page shows of a rehearsal, as values that do not change. */
import type { Usage, VoiceApi } from './events.ts';
import type { Waits } from './latency.ts';
import { statusOf, type Notice, type RehearsalState } from './sentences.ts';
import type { Turn } from './transcript.ts';

/** What is rehearsed. */
export interface Scene {
  /** The training's slug, or an empty string for a rehearsal without a script. */
  slug: string;
  title: string;
  /** Who the agent plays. */
  counterpart: string;
  /** The counterpart's position. */
  office: string;
  /** The first sentence, which sets the scene for the agent. */
  opening: string;
}

/** Everything that the page shows. */
export interface Snapshot {
  readonly state: RehearsalState;
  /** The call is held: neither side hears the other. */
  readonly paused: boolean;
  readonly status: string;
  readonly notice: Notice | null;
  readonly sessionId: string | null;
  readonly api: VoiceApi | null;
  readonly connectMs: number | null;
  readonly endsAt: number | null;
  readonly turns: readonly Turn[];
  readonly userSpeaking: boolean;
  readonly agentSpeaking: boolean;
  /** A reply to typed text is being written. */
  readonly replying: boolean;
  readonly waits: Waits;
  readonly roundTripMs: number | null;
  readonly usage: Usage | null;
  readonly microphone: MediaStream | null;
  readonly remote: MediaStream | null;
}

/** A rehearsal that has not begun. */
export const idleSnapshot: Snapshot = {
  state: 'idle',
  paused: false,
  status: statusOf('idle', false),
  notice: null,
  sessionId: null,
  api: null,
  connectMs: null,
  endsAt: null,
  turns: [],
  userSpeaking: false,
  agentSpeaking: false,
  replying: false,
  waits: { last: null, median: null, count: 0 },
  roundTripMs: null,
  usage: null,
  microphone: null,
  remote: null,
};

/** The Realtime API reports each response, the Live API the sum. */
export function sumOf(before: Usage | null, now: Usage): Usage {
  if (now.unit === 'seconds' || before?.unit !== 'tokens') return now;
  return { unit: 'tokens', input: before.input + now.input, cached: before.cached + now.cached, output: before.output + now.output };
}
