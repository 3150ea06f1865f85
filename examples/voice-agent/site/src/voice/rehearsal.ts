/** A rehearsal of one scene: spoken or typed, with one transcript, and everything that the page shows of it. */
import type { VoiceAgentApi } from './api.ts';
import { askForReply } from './chat.ts';
import type { Clock } from './clock.ts';
import { VoiceConnection, type ConnectionSetting, type ConnectionState } from './connection.ts';
import type { VoiceEvent } from './events.ts';
import { LatencyWatch, roundTripOf } from './latency.ts';
import { adviceOn } from './microphone.ts';
import { PoolFullError, type ConnectionPool } from './pool.ts';
import { sentenceOf, type Fault } from './problem.ts';
import { cancelResponse, clearAudio, createItem, createResponse } from './realtime.ts';
import { endingOf, statusOf, type Notice, type RehearsalState } from './sentences.ts';
import { idleSnapshot, sumOf, type Scene, type Snapshot } from './snapshot.ts';
import { Transcript } from './transcript.ts';

/** What a rehearsal needs from its surroundings. */
export interface RehearsalSetting extends ConnectionSetting {
  readonly api: VoiceAgentApi;
  readonly clock: Clock;
  readonly pool: ConnectionPool<VoiceConnection>;
}

const statisticsMs = 2000;

export class Rehearsal {
  readonly scene: Scene;
  readonly #setting: RehearsalSetting;
  readonly #report: (snapshot: Snapshot) => void;
  readonly #transcript = new Transcript();
  readonly #latency: LatencyWatch;
  #snapshot: Snapshot;
  #connection: VoiceConnection | null = null;
  #reply: AbortController | null = null;
  #cancelStatistics: (() => void) | null = null;
  /** The newest turn that the present session knows, of those that were typed. */
  #typedKnown = 0;
  /** What the agent is still to be told about the scene. */
  #opening = '';
  /** Whether the present session takes client events. */
  #ready = false;

  constructor(setting: RehearsalSetting, scene: Scene, report: (snapshot: Snapshot) => void) {
    this.scene = scene;
    this.#setting = setting;
    this.#report = report;
    this.#latency = new LatencyWatch(setting.clock);
    this.#snapshot = idleSnapshot;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Starts a call. `anew` forgets what was said, `resume` hands it to the new session. */
  start(how: 'anew' | 'resume'): void {
    this.stopReply();
    if (how === 'anew') {
      this.#transcript.restore([]);
      this.#typedKnown = 0;
      this.#opening = this.scene.opening;
      this.#set({ usage: null });
    }
    const resume = how === 'resume' ? this.#snapshot.sessionId : null;
    this.#set({ notice: null, turns: this.#transcript.turns, sessionId: resume });
    let opened: VoiceConnection | null = null;
    try {
      this.#connection = this.#setting.pool.acquire(this.scene.slug, () => (opened = this.#connect()));
    } catch (thrown) {
      if (!(thrown instanceof PoolFullError)) throw thrown;
      return this.#fallToChat({ sentence: 'Other calls of this page are still open.', remedy: 'End one of them, or type.' });
    }
    if (opened) void this.#connection.open(resume);
    else this.#hold(false);
  }

  /** Holds the call: it stays connected in the pool, and nobody hears anybody. */
  pause(): void {
    if (this.#snapshot.state !== 'live' || !this.#connection || this.#snapshot.paused) return;
    this.#connection.send(...(this.#snapshot.agentSpeaking ? this.#cutOff() : []));
    this.#hold(true);
    this.#setting.pool.release(this.#connection);
  }

  goOn(): void {
    if (this.#snapshot.paused) this.start('resume');
  }

  /** Stops the agent in mid-sentence. The Live API only does that when the user speaks. */
  interrupt(): void {
    this.#connection?.send(...this.#cutOff());
  }

  end(): void {
    this.stopReply();
    if (this.#connection) this.#setting.pool.discard(this.#connection);
  }

  /** Changes to typing. A call is hung up. */
  type(notice: Notice | null = null): void {
    const connection = this.#connection;
    this.#connection = null;
    if (connection) this.#setting.pool.discard(connection);
    this.#fallToChat(notice);
  }

  /** Sends what was typed, and shows the reply as it arrives. */
  async send(text: string): Promise<void> {
    if (text.trim() === '' || this.#reply) return;
    const reply = new AbortController();
    this.#reply = reply;
    this.#transcript.addTyped(text.trim());
    this.#set({ state: 'chat', replying: true, notice: null, turns: this.#transcript.turns });
    const end = await askForReply(this.#setting.api, this.#transcript.messages(), (part) => {
      this.#transcript.appendReply(part);
      this.#set({ turns: this.#transcript.turns });
    }, reply.signal);
    if (this.#reply === reply) this.#reply = null;
    this.#transcript.settle(end.outcome === 'complete' ? 'final' : 'interrupted');
    const failed = end.outcome === 'failed' || end.outcome === 'refused';
    this.#set({
      replying: this.#reply !== null,
      turns: this.#transcript.turns,
      ...(end.outcome === 'refused' && { state: 'failed' as const }),
      ...(failed && { notice: { sentence: end.message, remedy: 'Your words are kept above.' } }),
    });
  }

  /** The network is back, or the page is visible again. */
  hurry(): void {
    this.#connection?.hurry();
  }

  /** Shows a session that an earlier page has begun. */
  async recall(sessionId: string): Promise<void> {
    const known = await this.#setting.api.session(sessionId).catch(() => null);
    if (!known || known.transcript.length === 0 || this.#snapshot.state !== 'idle') return;
    this.#transcript.restore(known.transcript);
    this.#set({ state: 'ended', sessionId, turns: this.#transcript.turns, notice: endingOf('left') });
  }

  #connect(): VoiceConnection {
    return new VoiceConnection(this.#setting, {
      state: (state) => this.#follow(state),
      event: (event) => this.#take(event),
      remote: (remote) => this.#set({ remote }),
      endingIn: (seconds) => this.#set({ notice: { sentence: `This call ends in ${seconds} seconds.`, remedy: 'You can continue in a new one, which knows what was said.' } }),
    });
  }

  #follow(state: ConnectionState): void {
    switch (state.name) {
      case 'connecting':
        this.#ready = false;
        return this.#set({ state: 'connecting', paused: false, status: statusOf('connecting', false, state.step) });
      case 'live': {
        const { sessionId, api, connectMs, endsAt } = state.call;
        // The server hands over what was spoken. What was typed, and the scene with it, is told again.
        if (sessionId !== this.#snapshot.sessionId) this.#typedKnown = 0;
        this.#set({ state: 'live', sessionId, api, connectMs, endsAt, microphone: this.#connection?.microphone ?? null });
        this.#handOver();
        return this.#watchStatistics(state.call.peer);
      }
      case 'reconnecting':
        this.#ready = false;
        this.#transcript.settle(this.#brokenOff);
        return this.#set({ state: 'reconnecting', agentSpeaking: false, userSpeaking: false, turns: this.#transcript.turns,
          status: statusOf('reconnecting', false, `${state.attempt} of ${state.tries}`) });
      case 'ended':
        return this.#leave('ended', endingOf(state.reason === 'client' && this.#snapshot.paused ? 'idle' : state.reason));
      case 'blocked':
        return this.#leave('chat', adviceOn(state.obstacle));
      case 'failed':
        return this.#leave(isForbidden(state.fault) ? 'failed' : 'chat', {
          sentence: sentenceOf(state.fault),
          remedy: isForbidden(state.fault) ? '' : 'You can go on by typing, and try to speak again later.',
        });
    }
  }

  #take(event: VoiceEvent): void {
    this.#transcript.apply(event);
    this.#latency.take(event);
    if (event.type === 'ready') {
      this.#ready = true;
      this.#handOver();
    }
    const change: { -readonly [K in keyof Snapshot]?: Snapshot[K] } = { turns: this.#transcript.turns, waits: this.#latency.waits };
    if (event.type === 'userSpeaking') {
      change.userSpeaking = event.phase === 'started';
      // The service cancels its response by itself; what it has already sent is dropped here.
      if (change.userSpeaking && this.#snapshot.agentSpeaking) this.#connection?.send(clearAudio);
    }
    if (event.type === 'agentSpeaking') change.agentSpeaking = event.phase === 'started';
    if (event.type === 'usage') change.usage = sumOf(this.#snapshot.usage, event.usage);
    if (event.type === 'failed') change.notice = { sentence: event.message, remedy: 'The call goes on.' };
    this.#set(change);
  }

  /** Tells a new session the scene, and what was typed before. The Live API has no event for that. */
  #handOver(): void {
    const state = this.#connection?.state;
    // The session may be ready before the call counts as connected.
    if (!this.#ready || state?.name !== 'live') return;
    const realtime = state.call.api === 'realtime';
    if (this.#opening !== '') {
      if (realtime) this.#transcript.addTyped(this.#opening);
      else this.#set({ notice: { sentence: 'You set the scene.', remedy: `Begin by saying: “${this.#opening}”` } });
      this.#opening = '';
    }
    const typed = this.#transcript.turns.filter((turn) => turn.by === 'typing' && turn.id > this.#typedKnown && turn.text !== '');
    const last = typed.at(-1);
    if (!last) return;
    if (!realtime) return this.#set({ notice: { sentence: 'The agent does not know what was typed.', remedy: 'Tell it the gist of it.' } });
    this.#typedKnown = last.id;
    this.#connection?.send(...typed.map(createItem), ...(last.speaker === 'user' && last === this.#transcript.turns.at(-1) ? [createResponse] : []));
  }

  #cutOff(): { type: string }[] {
    return this.#snapshot.api === 'realtime' ? [cancelResponse, clearAudio] : [];
  }

  #hold(paused: boolean): void {
    this.#connection?.hear(paused ? 'silence' : 'user');
    this.#set({ paused, userSpeaking: false, status: statusOf('live', paused) });
  }

  #leave(state: RehearsalState, notice: Notice | null): void {
    this.#connection = null;
    this.#cancelStatistics?.();
    this.#transcript.settle(this.#brokenOff);
    this.#set({ state, notice, paused: false, turns: this.#transcript.turns, userSpeaking: false, agentSpeaking: false, endsAt: null, remote: null, microphone: null });
  }

  #fallToChat(notice: Notice | null): void {
    this.#leave('chat', notice);
  }

  /** What becomes of turns that are open at the end of a call. The Live API leaves each one open until the other side speaks. */
  get #brokenOff(): 'final' | 'interrupted' {
    return this.#snapshot.api === 'live' ? 'final' : 'interrupted';
  }

  /** Stops the reply that is being written; what has arrived of it stays. */
  stopReply(): void {
    this.#reply?.abort();
    this.#reply = null;
  }

  #watchStatistics(peer: RTCPeerConnection): void {
    this.#cancelStatistics?.();
    const look = async () => {
      const statistics = await peer.getStats().catch(() => null);
      if (this.#snapshot.state === 'live' && statistics) this.#set({ roundTripMs: roundTripOf(statistics.values()) });
      if (peer.connectionState === 'connected') this.#cancelStatistics = this.#setting.clock.after(statisticsMs, look);
    };
    void look();
  }

  #set(change: Partial<Snapshot>): void {
    const next = { ...this.#snapshot, ...change };
    if (change.state !== undefined && change.status === undefined) next.status = statusOf(next.state, next.paused);
    this.#snapshot = next;
    this.#report(next);
  }
}

/** A page on another site can use neither the voice nor the chat endpoint. */
function isForbidden(fault: Fault): boolean {
  return fault.kind === 'problem' && (fault.problem.slug === 'forbidden-origin' || fault.problem.slug === 'unauthorized');
}
