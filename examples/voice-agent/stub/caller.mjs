// A caller for tests: requests as the Worker sends them, and the browser's side of a call in Node.js.

import { MediaStreamTrack, RTCPeerConnection, RtpHeader, RtpPacket } from 'werift';
import { WebSocket } from 'ws';

import { Changes } from './changes.mjs';
import { KEY } from './endpoints.mjs';
import { LOOPBACK_ONLY } from './peer.mjs';

/** The field that every request to the API needs. */
export const AUTHORIZED = { Authorization: `Bearer ${KEY}` };

/** An Opus packet of silence, and its length in samples at 48 kHz. */
const SILENCE = Buffer.from([0xf8, 0xff, 0xfe]);
const SAMPLES = 960;

/** Sends a request with a key: POST if it has a body, which is sent as JSON. */
export function api(stub, path, body, headers = {}) {
  const json = { 'Content-Type': 'application/json' };
  const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  return fetch(stub.url + path, { ...post, headers: { ...json, ...AUTHORIZED, ...headers } });
}

/** Sends a command to the control. Returns its result, and fails if the control refuses. */
export async function control(stub, path, body) {
  const response = await api(stub, `/stub/${path}`, body);
  const result = await response.json();
  if (!response.ok) throw new Error(result.error);
  return result;
}

/** Sends an offer to the Realtime API, as a form with the session. */
export function postRealtime(stub, sdp, session = { type: 'realtime', model: 'gpt-realtime-2.1' }) {
  const body = new FormData();
  body.set('sdp', sdp);
  body.set('session', JSON.stringify(session));
  return fetch(`${stub.url}/v1/realtime/calls`, { method: 'POST', headers: AUTHORIZED, body });
}

/** Sends an offer to the Live API. */
export function postLive(stub, sdp, session = { model: 'gpt-live-1' }) {
  return api(stub, '/v1/live/sessions', { session, transport: { type: 'webrtc', sdp } });
}

/** Makes a call of an API with an offer. Returns its identifier and the answer. */
export async function begin(stub, kind, offer, session) {
  if (kind === 'live') {
    const made = await (await postLive(stub, offer, session)).json();
    return { id: made.session.id, answer: made.transport.sdp };
  }
  const response = await postRealtime(stub, offer, session);
  return { id: response.headers.get('Location').split('/').at(-1), answer: await response.text() };
}

/** The events that a channel or a sideband has received, and its end. */
class Inbox {
  /** All events so far. */
  events = [];
  #closed;
  #changes = new Changes();

  /** Returns the first event of a type once it has arrived. */
  event(type) {
    return this.#changes.until(() => this.events.find((event) => event.type === type));
  }

  /** Returns the code of the end once it has come: 1000 for a data channel. */
  closed() {
    return this.#changes.until(() => this.#closed);
  }

  /** Returns the types of all events so far. */
  types() {
    return this.events.map(({ type }) => type);
  }

  add(text) {
    this.events.push(JSON.parse(text));
    this.#changes.announce();
  }

  end(code) {
    this.#closed = code;
    this.#changes.announce();
  }
}

/** A sideband. Fails with the status of HTTP if the stub refuses it. */
export class Sideband extends Inbox {
  #socket;

  /** Connects to a path such as `/v1/realtime?call_id=…`. */
  static connect(stub, path, headers = AUTHORIZED) {
    const sideband = new Sideband();
    const socket = new WebSocket(stub.url.replace('http', 'ws') + path, { headers });
    sideband.#socket = socket;
    socket.on('message', (data) => sideband.add(String(data)));
    socket.on('close', (code) => sideband.end(code));
    return new Promise((resolve, reject) => {
      socket.on('open', () => resolve(sideband));
      socket.on('error', reject);
    });
  }

  send(event) {
    this.#socket.send(typeof event === 'string' ? event : JSON.stringify(event));
  }
}

/** The browser's side of a call, which sends packets of silence on demand. */
export class Caller extends Inbox {
  /** Packets of audio that came back. */
  heard = 0;
  #connection = new RTCPeerConnection(LOOPBACK_ONLY);
  #channel;
  #voice = new MediaStreamTrack({ kind: 'audio' });
  #spoken = 0;

  /** Returns an offer with audio and the data channel. */
  async offer() {
    const transceiver = this.#connection.addTransceiver(this.#voice, { direction: 'sendrecv' });
    transceiver.onTrack.subscribe((track) => track.onReceiveRtp.subscribe(() => (this.heard += 1)));
    this.#channel = this.#connection.createDataChannel('oai-events');
    this.#channel.onMessage.subscribe((data) => this.add(String(data)));
    this.#channel.stateChanged.subscribe((state) => state === 'closed' && this.end(1000));
    await this.#connection.setLocalDescription(await this.#connection.createOffer());
    return this.#connection.localDescription.sdp;
  }

  /** Connects, and returns once the first event has arrived. */
  async accept(answer, first) {
    await this.#connection.setRemoteDescription({ type: 'answer', sdp: answer });
    await this.event(first);
  }

  send(event) {
    this.#channel.send(typeof event === 'string' ? event : JSON.stringify(event));
  }

  /** Sends a packet of silence. */
  speak() {
    this.#spoken += 1;
    const header = new RtpHeader({ sequenceNumber: this.#spoken, timestamp: this.#spoken * SAMPLES });
    this.#voice.writeRtp(new RtpPacket(header, SILENCE));
  }

  /** Leaves the call. */
  leave() {
    return this.#connection.close();
  }
}

/**
 * Makes a call and connects it.
 *
 * @param {import('node:test').TestContext} test the caller leaves after it
 * @param {{url: string}} stub
 * @param {'realtime' | 'live'} kind
 * @param {object} [session]
 */
export async function connected(test, stub, kind, session) {
  const caller = new Caller();
  test.after(() => caller.leave());
  const { id, answer } = await begin(stub, kind, await caller.offer(), session);
  await caller.accept(answer, kind === 'live' ? 'session.started' : 'session.created');
  return { caller, id };
}
