/**
 * A voice connection: a call, and the calls that replace it when it is lost.
 *
 * A lost call cannot be repaired by `restartIce()`: that makes a new offer, and neither voice API accepts a
 * second offer for a session. So ICE gets a few seconds to recover by itself, and then a new call is placed
 * that resumes the session: the server hands the transcript to the new one.
 */
import { delayBefore, reconnection, type Backoff } from './backoff.ts';
import { placeCall, type Call, type CallSetting } from './call.ts';
import { readEvents } from './channel.ts';
import { wait } from './clock.ts';
import type { Members, VoiceEvent } from './events.ts';
import { MicrophoneError, type MicrophoneObstacle } from './microphone.ts';
import { faultOf, mayPass, type Fault } from './problem.ts';

/** How long ICE may look for another path before the call counts as lost. */
export const recoveryMs = 6000;

/** How long before its end a call is announced to be ending. */
export const warningMs = 60_000;

/** How long after the announced end the client hangs up if the server has not. */
const graceMs = 3000;

/** The state of a connection. */
export type ConnectionState =
  | { name: 'new' }
  | { name: 'connecting'; step: 'microphone' | 'call' }
  | { name: 'live'; call: Call }
  /** Attempt 0 is the wait for ICE to recover. */
  | { name: 'reconnecting'; attempt: number; tries: number }
  /** The session is over. It may be continued by a new connection that resumes it. */
  | { name: 'ended'; reason: string }
  | { name: 'blocked'; obstacle: MicrophoneObstacle }
  | { name: 'failed'; fault: Fault };

/** What a connection needs from its surroundings. */
export interface ConnectionSetting extends CallSetting {
  readonly openMicrophone: () => Promise<MediaStream>;
  readonly random?: () => number;
  readonly backoff?: Backoff;
}

/** What a connection reports. */
export interface ConnectionListener {
  state(state: ConnectionState): void;
  event(event: VoiceEvent): void;
  /** The agent's audio, once for each call. */
  remote(stream: MediaStream): void;
  /** The call ends in so many seconds. */
  endingIn(seconds: number): void;
}

export class VoiceConnection {
  readonly #setting: ConnectionSetting;
  readonly #listener: ConnectionListener;
  readonly #stop = new AbortController();
  #state: ConnectionState = { name: 'new' };
  #microphone: MediaStream | null = null;
  /** The call that the connection has, also while ICE recovers. */
  #call: Call | null = null;
  #sessionId: string | null = null;
  /** Cancels the timers of the present call. */
  #timers: (() => void)[] = [];
  /** Ends the wait before the next try. */
  #hurry = new AbortController();

  constructor(setting: ConnectionSetting, listener: ConnectionListener) {
    this.#setting = setting;
    this.#listener = listener;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The newest session, which also names a session that is over. */
  get sessionId(): string | null {
    return this.#sessionId;
  }

  /** Whether the connection is of use: not over. */
  get usable(): boolean {
    return !this.#isOver();
  }

  get microphone(): MediaStream | null {
    return this.#microphone;
  }

  /** Opens the microphone and places the call. Its outcome is a state; nothing is thrown. */
  async open(resume: string | null = null): Promise<void> {
    if (this.#state.name !== 'new') return;
    this.#sessionId = resume;
    this.#become({ name: 'connecting', step: 'microphone' });
    try {
      this.#microphone = await this.#setting.openMicrophone();
    } catch (thrown) {
      return this.#finish({ name: 'blocked', obstacle: thrown instanceof MicrophoneError ? thrown.obstacle : 'unsupported' });
    }
    if (this.#stop.signal.aborted) return this.#release();
    for (const track of this.#microphone.getAudioTracks()) track.onended = () => this.#unplug();
    this.#become({ name: 'connecting', step: 'call' });
    try {
      this.#begin(await this.#place());
    } catch (thrown) {
      this.#finish({ name: 'failed', fault: faultOf(thrown) });
    }
  }

  /** Hangs up. */
  close(): void {
    if (this.#isOver()) return;
    this.#hangUp();
    this.#finish({ name: 'ended', reason: 'client' });
  }

  /** Lets the agent hear the user, or silence. */
  hear(what: 'user' | 'silence'): void {
    for (const track of this.#microphone?.getAudioTracks() ?? []) track.enabled = what === 'user';
  }

  /** Sends client events. Without a call they are dropped. */
  send(...events: Members[]): void {
    if (this.#state.name !== 'live' || this.#state.call.channel.readyState !== 'open') return;
    for (const event of events) this.#state.call.channel.send(JSON.stringify(event));
  }

  /** Ends the wait before the next try: the network is back, or the page is visible again. */
  hurry(): void {
    this.#hurry.abort();
  }

  async #place(): Promise<Call> {
    const { signal } = this.#stop;
    const listener = {
      remote: (stream: MediaStream) => this.#listener.remote(stream),
      message: (data: unknown, api: Call['api']) => {
        for (const event of readEvents(api, data)) this.#take(event);
      },
    };
    try {
      return await placeCall(this.#setting, this.#microphone!, this.#sessionId, listener, signal);
    } catch (thrown) {
      const fault = faultOf(thrown);
      const forgotten = fault.kind === 'problem' && fault.problem.slug === 'not-found' && this.#sessionId !== null;
      if (!forgotten) throw thrown;
      // The server no longer knows the session: a call without memory is better than none.
      this.#sessionId = null;
      return await placeCall(this.#setting, this.#microphone!, null, listener, signal);
    }
  }

  #begin(call: Call): void {
    const { clock } = this.#setting;
    this.#call = call;
    this.#sessionId = call.sessionId || null;
    if (this.#isOver()) {
      this.#hangUp();
      return this.#drop();
    }
    call.peer.onconnectionstatechange = () => this.#watch(call);
    call.channel.onclose = () => void this.#lose(call, null);
    if (call.endsAt !== null) {
      const left = call.endsAt - clock.now();
      const warning = Math.min(warningMs, left / 2);
      this.#timers.push(
        clock.after(Math.max(0, left - warning), () => this.#listener.endingIn(Math.round(warning / 1000))),
        clock.after(Math.max(0, left + graceMs), () => void this.#lose(call, 'budget')),
      );
    }
    this.#become({ name: 'live', call });
    this.#watch(call);
  }

  #take(event: VoiceEvent): void {
    this.#listener.event(event);
    if (event.type === 'ended' && this.#call) void this.#lose(this.#call, event.reason);
  }

  #watch(call: Call): void {
    const state = call.peer.connectionState;
    if (state === 'failed' || state === 'closed') void this.#lose(call, null);
    else if (state === 'disconnected' && this.#state.name === 'live') {
      this.#become({ name: 'reconnecting', attempt: 0, tries: this.#tries });
      this.#timers.push(this.#setting.clock.after(recoveryMs, () => {
        if (call.peer.connectionState !== 'connected') void this.#lose(call, null);
      }));
    } else if (state === 'connected' && this.#state.name === 'reconnecting') this.#become({ name: 'live', call });
  }

  get #tries(): number {
    return (this.#setting.backoff ?? reconnection).tries;
  }

  /** Takes leave of a call, asks the server why it ended, and places another one unless that was intended. */
  async #lose(call: Call, reason: string | null): Promise<void> {
    if (this.#isOver() || this.#call !== call) return;
    this.#drop();
    const { api, clock } = this.#setting;
    const budgetSpent = call.endsAt !== null && clock.now() >= call.endsAt - 2000;
    this.#become({ name: 'reconnecting', attempt: 0, tries: this.#tries });
    const known = await api.session(call.sessionId).catch(() => null);
    if (this.#isOver()) return;
    const told = known?.state === 'ended' && known.reason !== 'dropped' ? known.reason : null;
    const ending = told ?? reason ?? (budgetSpent ? 'budget' : null);
    if (ending !== null) {
      if (known?.state === 'open') void api.hangUp(call.sessionId);
      return this.#finish({ name: 'ended', reason: ending });
    }
    await this.#replace();
  }

  async #replace(): Promise<void> {
    const { clock, backoff = reconnection, random } = this.#setting;
    let fault: Fault = { kind: 'network' };
    let atLeast = 0;
    for (let attempt = 1; ; attempt++) {
      const delay = delayBefore(attempt, backoff, random);
      if (delay === null || !mayPass(fault)) return this.#finish({ name: 'failed', fault });
      this.#become({ name: 'reconnecting', attempt, tries: backoff.tries });
      this.#hurry = new AbortController();
      await wait(clock, Math.max(delay, atLeast), AbortSignal.any([this.#stop.signal, this.#hurry.signal]));
      if (this.#isOver()) return;
      try {
        return this.#begin(await this.#place());
      } catch (thrown) {
        if (this.#isOver()) return;
        fault = faultOf(thrown);
        atLeast = fault.kind === 'problem' ? (fault.problem.retryAfterSeconds ?? 0) * 1000 : 0;
      }
    }
  }

  /** Ends the session on the server too: it costs money until then. */
  #hangUp(): void {
    this.#stop.abort();
    if (this.#call?.sessionId) void this.#setting.api.hangUp(this.#call.sessionId);
  }

  /** The device is gone, so the call has no purpose any more. */
  #unplug(): void {
    if (this.#isOver()) return;
    this.#hangUp();
    this.#finish({ name: 'blocked', obstacle: 'no-device' });
  }

  /** Closes the call and forgets its timers. */
  #drop(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers = [];
    if (!this.#call) return;
    const { peer, channel } = this.#call;
    this.#call = null;
    peer.onconnectionstatechange = null;
    channel.onclose = null;
    channel.onmessage = null;
    peer.close();
  }

  #finish(state: ConnectionState): void {
    if (this.#isOver()) return;
    this.#drop();
    this.#release();
    this.#become(state);
  }

  #release(): void {
    for (const track of this.#microphone?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.#microphone = null;
  }

  #isOver(): boolean {
    return this.#state.name === 'ended' || this.#state.name === 'failed' || this.#state.name === 'blocked';
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    this.#listener.state(state);
  }
}
