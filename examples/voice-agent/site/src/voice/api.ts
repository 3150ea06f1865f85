/** The requests to the site's own API. Each of them throws a `FaultError` unless the API did what it was asked. */
import { membersOf, numberOf, textOf, type VoiceApi } from './events.ts';
import { FaultError, faultOf, problemOf } from './problem.ts';
import type { Message } from './transcript.ts';

const base = '/api/voice-agent';

/** A `fetch` that tests replace. */
export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** How the browser reaches the voice service. */
export interface RtcConfig {
  endpoint: string;
  configuration: RTCConfiguration;
}

/** The voice service's answer to an offer. */
export interface Answer {
  sdp: string;
  sessionId: string;
  api: VoiceApi;
  /** When the server ends the call, in milliseconds since the epoch of the browser's own clock. */
  endsAt: number | null;
}

/** What the server knows about a session. */
export interface SessionRecord {
  state: 'open' | 'ended';
  reason: string | null;
  transcript: Message[];
}

/** Whether speaking and typing work, as far as the server knows. */
export type Health = 'ok' | 'degraded' | 'no-voice';

/** The client of the API. */
export class VoiceAgentApi {
  readonly #fetch: Fetch;

  constructor(fetcher: Fetch = (input, init) => fetch(input, init)) {
    this.#fetch = fetcher;
  }

  async rtcConfig(signal?: AbortSignal): Promise<RtcConfig> {
    const body = membersOf(await (await this.#ask(`${base}/rtc-config`, { signal })).json());
    return {
      endpoint: textOf(body, 'endpoint') || `${base}/sdp`,
      configuration: membersOf(body.rtcConfiguration) as RTCConfiguration,
    };
  }

  /**
   * Sends an offer. The key makes the request safe to repeat: if the connection breaks before the
   * response arrives, the same offer is sent once more and does not start a second call.
   */
  async offer(endpoint: string, sdp: string, resume: string | null, signal?: AbortSignal): Promise<Answer> {
    const url = resume === null ? endpoint : `${endpoint}?resume=${encodeURIComponent(resume)}`;
    const init: RequestInit = {
      method: 'POST',
      body: sdp,
      headers: { 'Content-Type': 'application/sdp', Accept: 'application/sdp, application/problem+json', 'Idempotency-Key': crypto.randomUUID() },
      signal,
    };
    let response: Response;
    try {
      response = await this.#ask(url, init);
    } catch (thrown) {
      if (faultOf(thrown).kind !== 'network') throw thrown;
      response = await this.#ask(url, init);
    }
    return {
      sdp: await response.text(),
      sessionId: (response.headers.get('Location') ?? '').split('/').pop() ?? '',
      api: response.headers.get('Voice-Api') === 'live' ? 'live' : 'realtime',
      endsAt: localTime(response.headers.get('Voice-Ends-At'), response.headers.get('Date'), Date.now()),
    };
  }

  async session(id: string): Promise<SessionRecord> {
    const body = membersOf(await (await this.#ask(`${base}/session/${encodeURIComponent(id)}`, {})).json());
    return {
      state: body.state === 'open' ? 'open' : 'ended',
      reason: textOf(body, 'reason') || null,
      transcript: Array.isArray(body.transcript) ? body.transcript.map(membersOf).filter((turn) => textOf(turn, 'text') !== '').map(messageOf) : [],
    };
  }

  /** Hangs up. It also works while the page is closing, and it does not matter if the session has already ended. */
  async hangUp(id: string): Promise<void> {
    try {
      await this.#fetch(`${base}/session/${encodeURIComponent(id)}`, { method: 'DELETE', keepalive: true });
    } catch {
      // The server ends a session without a client by itself.
    }
  }

  async chat(messages: Message[], signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#ask(`${base}/chat`, {
      method: 'POST',
      body: JSON.stringify({ messages }),
      headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream, application/problem+json' },
      signal,
    });
    if (!response.body) throw new FaultError({ kind: 'network' });
    return response.body;
  }

  /** Asks what works. No answer counts as `ok`: the call itself will say what is wrong. */
  async health(): Promise<Health> {
    try {
      // 503 is an answer here, not an error.
      const body = membersOf(await (await this.#fetch(`${base}/health`)).json());
      const parts = membersOf(body.parts);
      const broken = ['key', 'upstream'].some((part) => textOf(parts, part) !== '' && textOf(parts, part) !== 'ok');
      if (broken) return 'no-voice';
      return body.status === 'degraded' ? 'degraded' : 'ok';
    } catch {
      return 'ok';
    }
  }

  async #ask(url: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await this.#fetch(url, init);
    } catch (thrown) {
      throw new FaultError(faultOf(thrown));
    }
    if (!response.ok) throw new FaultError({ kind: 'problem', problem: await problemOf(response) });
    return response;
  }
}

/** Converts a time of the server to the browser's clock, which may be minutes wrong. */
export function localTime(time: string | null, serverDate: string | null, now: number): number | null {
  const at = numberOf({ at: Number(time ?? Number.NaN) }, 'at');
  if (at === 0) return null;
  const server = Date.parse(serverDate ?? '');
  // `Date` has a resolution of a second, and the response took a moment: only a real difference counts.
  const difference = Number.isNaN(server) ? 0 : now - server;
  return Math.abs(difference) < 5000 ? at : at + difference;
}

function messageOf(turn: Readonly<Record<string, unknown>>): Message {
  return { role: turn.role === 'user' ? 'user' : 'assistant', text: textOf(turn, 'text') };
}
