// The Worker and the stub of the voice service, for tests.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { METRICS_TOKEN, STUB_KEY, startWorker } from '../dev/worker.mjs';
import { startStub } from '../stub/server.mjs';

/** The site's own origin in requests that no browser sends. */
export const SITE = 'https://second-chair.example';

/** An offer that a browser could have sent, but for its candidates. */
export const OFFER = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'c=IN IP4 0.0.0.0',
  'a=rtcp:9 IN IP4 0.0.0.0',
  'a=ice-ufrag:zDnB',
  'a=ice-pwd:cLlXZ3nHcA6ZxY2ZpFz4Vd1p',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sendrecv',
  'a=rtcp-mux',
  'a=rtpmap:111 opus/48000/2',
  '',
].join('\r\n');

/** A Worker with its stub. */
export class VoiceAgent {
  /** The next client's number. Each test is a client of its own, so that no limit of another one counts. */
  static #clients = 0;

  /**
   * Starts both.
   *
   * @param {Omit<Parameters<typeof startWorker>[0], 'upstream'>} [options]
   */
  static async start(options = {}) {
    const stub = await startStub({ port: 0, turns: 'on-demand' });
    const worker = await startWorker({ upstream: stub.url, ...options });
    return new VoiceAgent(stub, worker);
  }

  constructor(stub, worker) {
    this.stub = stub;
    this.worker = worker;
  }

  /** Ends both. */
  async stop() {
    await this.worker.dispose();
    await this.stub.close();
  }

  /** Returns the address of a client that has sent no request yet. */
  client() {
    const number = (VoiceAgent.#clients += 1);
    return `203.0.${(number >> 8) % 256}.${number % 256}`;
  }

  /**
   * Sends a request to an endpoint.
   *
   * @param {string} method
   * @param {string} endpoint what follows `/api/voice-agent/`
   * @param {RequestInit & { from?: string }} [init] `from` is the address of the client
   */
  send(method, endpoint, { from = this.client(), headers = {}, ...init } = {}) {
    return this.worker.dispatchFetch(`${SITE}/api/voice-agent/${endpoint}`, {
      method,
      headers: { 'CF-Connecting-IP': from, ...headers },
      ...init,
    });
  }

  /** Opens a call, and returns the response. */
  offer({ body = OFFER, resume, headers = {}, ...init } = {}) {
    const query = resume === undefined ? '' : `?resume=${resume}`;
    return this.send('POST', `sdp${query}`, {
      body,
      headers: { 'Content-Type': 'application/sdp', ...headers },
      ...init,
    });
  }

  /** Opens a call, and returns the name of its session. */
  async open(init) {
    const response = await this.offer(init);
    assert.equal(response.status, 201, await response.clone().text());
    return response.headers.get('Location').split('/').pop();
  }

  /** Returns a session as its page sees it. */
  async session(id) {
    const response = await this.send('GET', `session/${id}`);
    assert.equal(response.status, 200, await response.clone().text());
    return response.json();
  }

  /**
   * Asks for a session until it has ended: the Worker learns of it from an event, which no response tells
   * of.
   */
  async ended(id) {
    for (let tries = 0; tries < 5_000; tries += 1) {
      const session = await this.session(id);
      if (session.state === 'ended') return session;
    }
    assert.fail('the session does not end');
  }

  /** Sends messages to the chat. */
  chat(messages, init = {}) {
    return this.send('POST', 'chat', {
      body: JSON.stringify({ messages }),
      ...init,
      headers: { 'Content-Type': 'application/json', ...init.headers },
    });
  }

  /** Sends a request of an operator. */
  operate(method, endpoint) {
    return this.send(method, endpoint, { headers: { Authorization: `Bearer ${METRICS_TOKEN}` } });
  }

  /** Returns the value of a series in the metrics, or 0. */
  async metric(series) {
    const response = await this.operate('GET', 'metrics');
    assert.equal(response.status, 200);
    const line = (await response.text()).split('\n').find((line) => line.startsWith(`${series} `));
    return Number(line?.split(' ').pop() ?? 0);
  }

  /** Makes the stub answer in another way. */
  async mode(mode, more = {}) {
    await this.control('mode', { mode, ...more });
  }

  /** Sends a command to the stub, or asks it something. */
  async control(path, body) {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${this.stub.url}/stub/${path}`, {
      ...init,
      headers: { 'Content-Type': 'application/json' },
    });
    assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`);
    const text = await response.text();
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Returns the values of a namespace of KV whose keys begin with a prefix. */
  async kept(namespace, prefix = '') {
    const kv = await this.worker.getKVNamespace(namespace);
    const { keys } = await kv.list({ prefix });
    const values = await Promise.all(keys.map(({ name }) => kv.get(name, 'json')));
    return keys.map((key, index) => ({ ...key, value: values[index] }));
  }
}

/**
 * Starts a Worker with its stub for the tests of a file.
 *
 * @param {Parameters<typeof VoiceAgent.start>[0]} [options]
 * @param {typeof VoiceAgent} [Agent]
 * @returns {VoiceAgent} usable within tests
 */
export function voiceAgent(options, Agent = VoiceAgent) {
  let agent;
  before(async () => (agent = await Agent.start(options)));
  after(() => agent.stop());
  // The methods of an agent that does not exist yet.
  return new Proxy({}, { get: (_, name) => (typeof agent[name] === 'function' ? agent[name].bind(agent) : agent[name]) });
}

/** Asserts that a response is a problem of a kind, with a sentence, and without a secret. */
export async function assertProblem(response, status, slug) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.equal(response.headers.get('Content-Type'), 'application/problem+json');
  assert.equal(response.headers.get('Cache-Control'), 'no-store');
  const problem = JSON.parse(text);
  assert.equal(problem.type, `/problems/#${slug}`);
  assert.equal(problem.status, status);
  assert.equal(problem.instance, response.headers.get('X-Request-Id'));
  assert.ok(problem.title.length > 5 && problem.detail.length > 10, text);
  assert.ok(!text.includes(STUB_KEY) && !text.includes(METRICS_TOKEN), text);
  return problem;
}
