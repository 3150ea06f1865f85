/** A peer connection, a microphone and an API that do what a test says, and nothing else. */
import { VoiceAgentApi } from '../src/voice/api.ts';

export class FakePeer {
  static all = [];
  connectionState = 'new';
  iceGatheringState = 'complete';
  localDescription = null;
  closed = false;
  sent = [];

  constructor(configuration) {
    this.configuration = configuration;
    FakePeer.all.push(this);
  }

  addTrack() {}

  createDataChannel(label) {
    this.channel = { label, readyState: 'connecting', send: (message) => this.sent.push(JSON.parse(message)) };
    return this.channel;
  }

  async setLocalDescription() {
    this.localDescription = { type: 'offer', sdp: 'offer' };
  }

  async setRemoteDescription({ sdp }) {
    if (sdp !== 'answer') throw new Error('not an answer');
    if (FakePeer.refuses) return;
    this.connectionState = 'connected';
    this.channel.readyState = 'open';
  }

  /** Changes the state as the browser would. */
  turn(state) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  receive(event) {
    this.channel.onmessage?.({ data: typeof event === 'string' ? event : JSON.stringify(event) });
  }

  close() {
    this.closed = true;
    this.connectionState = 'closed';
  }

  async getStats() {
    return new Map();
  }
}

/** A microphone whose tracks remember whether they are heard and stopped. */
export function fakeMicrophone() {
  const track = { enabled: true, stopped: false, onended: null, stop: () => (track.stopped = true) };
  return { track, getTracks: () => [track], getAudioTracks: () => [track] };
}

/** An API whose requests are listed, and whose responses to offers and questions a test gives. */
export class FakeServer {
  requests = [];
  offers = [];
  session = { state: 'open', reason: null, transcript: [] };
  endsAt = null;
  voiceApi = 'realtime';

  api = new VoiceAgentApi(async (url, init = {}) => {
    const method = init.method ?? 'GET';
    this.requests.push(`${method} ${url}`);
    if (url.endsWith('/rtc-config')) return Response.json({ endpoint: '/api/voice-agent/sdp', rtcConfiguration: { iceServers: [] } });
    if (url.includes('/session/')) return method === 'DELETE' ? new Response(null, { status: 204 }) : Response.json(this.session);
    this.lastOffer = init;
    const next = this.offers.shift() ?? 'accept';
    if (next === 'network') throw new TypeError('fetch failed');
    if (next === 'garbage') return new Response('nonsense', { status: 201, headers: this.#fields() });
    if (next !== 'accept') return problem(next.status, next.slug, next.fields);
    return new Response('answer', { status: 201, headers: this.#fields() });
  });

  #count = 0;

  #fields() {
    this.#count += 1;
    return {
      Location: `/api/voice-agent/session/s${this.#count}`,
      'Voice-Api': this.voiceApi,
      ...(this.endsAt !== null && { 'Voice-Ends-At': String(this.endsAt) }),
    };
  }
}

export function problem(status, slug, fields = {}) {
  const body = { type: `/problems/#${slug}`, title: '', status, detail: 'why', instance: 'request-1' };
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/problem+json', ...fields } });
}
