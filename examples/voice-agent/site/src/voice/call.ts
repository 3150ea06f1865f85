/** One call: an offer, an answer, a peer connection and a data channel. Nothing here tries twice. */
import type { Answer, VoiceAgentApi } from './api.ts';
import { wait, type Clock } from './clock.ts';
import type { VoiceApi } from './events.ts';
import { FaultError } from './problem.ts';

/** How long to collect ICE candidates: a slow STUN server does not hold up a call that works without it. */
const gatheringMs = 600;

/** How long the audio connection may take after the answer. */
const connectingMs = 15_000;

/** A call that is connected. */
export interface Call {
  readonly peer: RTCPeerConnection;
  readonly channel: RTCDataChannel;
  readonly sessionId: string;
  readonly api: VoiceApi;
  readonly endsAt: number | null;
  /** Milliseconds from the beginning, after the microphone was granted, until audio and data flow. */
  readonly connectMs: number;
}

/** What a call needs from its surroundings. */
export interface CallSetting {
  readonly api: VoiceAgentApi;
  readonly clock: Clock;
  readonly createPeer: (configuration: RTCConfiguration) => RTCPeerConnection;
}

/** What happens while a call is set up. */
export interface CallListener {
  /** The agent's audio has a stream. */
  remote(stream: MediaStream): void;
  /** The data channel has a message. The first ones arrive before the call counts as connected. */
  message(data: unknown, api: VoiceApi): void;
}

/**
 * Places a call, and returns once audio is connected and the data channel is open.
 *
 * A call that fails after the server has accepted it is hung up, so that it costs nothing.
 */
export async function placeCall(
  setting: CallSetting,
  microphone: MediaStream,
  resume: string | null,
  listener: CallListener,
  signal: AbortSignal,
): Promise<Call> {
  const { api, clock, createPeer } = setting;
  const began = clock.now();
  const { endpoint, configuration } = await api.rtcConfig(signal);
  const peer = createPeer(configuration);
  let answer: Answer | null = null;
  try {
    peer.ontrack = (event) => listener.remote(event.streams[0] ?? new MediaStream([event.track]));
    for (const track of microphone.getAudioTracks()) peer.addTrack(track, microphone);
    const channel = peer.createDataChannel('oai-events');
    channel.onmessage = (event) => listener.message(event.data, answer?.api ?? 'realtime');
    await peer.setLocalDescription();
    await gathered(peer, clock, signal);
    answer = await api.offer(endpoint, peer.localDescription?.sdp ?? '', resume, signal);
    // No audio would come, and after a long wait a firewall would be blamed for it.
    if (answer.endsAt !== null && answer.endsAt <= clock.now()) throw new FaultError({ kind: 'closed' });
    try {
      await peer.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
    } catch {
      throw new FaultError({ kind: 'answer' });
    }
    await connected(peer, channel, clock, signal);
    const { sessionId, api: voiceApi, endsAt } = answer;
    return { peer, channel, sessionId, api: voiceApi, endsAt, connectMs: Math.round(clock.now() - began) };
  } catch (thrown) {
    peer.close();
    if (answer?.sessionId) void api.hangUp(answer.sessionId);
    throw signal.aborted ? new FaultError({ kind: 'aborted' }) : thrown;
  }
}

/** Waits until the offer contains the candidates: it is sent once and cannot be amended. */
async function gathered(peer: RTCPeerConnection, clock: Clock, signal: AbortSignal): Promise<void> {
  if (peer.iceGatheringState === 'complete') return;
  const enough = new AbortController();
  const stop = () => enough.abort();
  signal.addEventListener('abort', stop, { once: true });
  peer.onicegatheringstatechange = () => {
    if (peer.iceGatheringState === 'complete') enough.abort();
  };
  await wait(clock, gatheringMs, enough.signal);
  peer.onicegatheringstatechange = null;
  signal.removeEventListener('abort', stop);
}

/** Waits until audio and data can flow. */
function connected(peer: RTCPeerConnection, channel: RTCDataChannel, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(connectingMs, () => settle({ kind: 'silent' }));
    const aborted = () => settle({ kind: 'aborted' });
    signal.addEventListener('abort', aborted, { once: true });
    peer.onconnectionstatechange = look;
    channel.onopen = look;
    channel.onclose = () => settle({ kind: 'silent' });
    look();

    function look() {
      if (signal.aborted) aborted();
      else if (peer.connectionState === 'failed' || peer.connectionState === 'closed') settle({ kind: 'silent' });
      else if (peer.connectionState === 'connected' && channel.readyState === 'open') settle(null);
    }
    function settle(fault: { kind: 'silent' | 'aborted' } | null) {
      cancel();
      signal.removeEventListener('abort', aborted);
      peer.onconnectionstatechange = null;
      channel.onopen = null;
      channel.onclose = null;
      if (fault) reject(new FaultError(fault));
      else resolve();
    }
  });
}
