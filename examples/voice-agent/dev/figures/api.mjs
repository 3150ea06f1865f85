// The time of a request to the API, with a voice service that needs none.

import { once } from 'node:events';
import { Agent, request } from 'node:http';

import { OFFER } from '../../test/voice_agent.mjs';
import { startWorker } from '../worker.mjs';
import { median, percentile } from './figure.mjs';
import { startUpstream } from './upstream.mjs';

/** Number of requests of each kind, one after the other. Before them, some are not measured. */
const [REQUESTS, WARM_UP] = [200, 20];

/** What most of the time of some requests is. */
const DATABASES = '; most of it is the local disk, on which two Durable Objects begin a database';

/** Sends requests on one connection, each from an address of its own. */
class Client {
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #url;
  #clients = 0;

  constructor(url) {
    this.#url = url;
  }

  /** Sends a request, and returns the response with its time in milliseconds. */
  async send({ method, endpoint, status, type, body }) {
    this.#clients += 1;
    const from = `198.18.${this.#clients >> 8}.${this.#clients % 256}`;
    const began = performance.now();
    const sending = request(new URL(`/api/voice-agent/${endpoint}`, this.#url), {
      method,
      agent: this.#agent,
      headers: { 'CF-Connecting-IP': from, ...(type === undefined ? {} : { 'Content-Type': type }) },
    });
    sending.end(body);
    const [response] = await once(sending, 'response');
    response.resume();
    await once(response, 'end');
    const time = performance.now() - began;
    if (response.statusCode !== status) throw new Error(`${endpoint}: ${response.statusCode}`);
    return { time, headers: response.headers };
  }

  close() {
    this.#agent.destroy();
  }
}

/** Measures the figures. */
export async function api() {
  const upstream = await startUpstream();
  const worker = await startWorker({ upstream: upstream.url });
  const client = new Client(worker.url);
  try {
    const offer = { method: 'POST', endpoint: 'sdp', status: 201, type: 'application/sdp', body: OFFER };
    const { headers } = await client.send(offer);
    const session = headers.location.split('/').pop();
    const chat = JSON.stringify({ messages: [{ role: 'user', text: 'Hello' }] });
    const kinds = [
      { method: 'GET', endpoint: 'rtc-config', status: 200 },
      { method: 'POST', endpoint: 'token', status: 200, also: DATABASES },
      { ...offer, also: DATABASES },
      { method: 'GET', endpoint: `session/${session}`, name: 'session', status: 200 },
      { method: 'POST', endpoint: 'chat', status: 200, type: 'application/json', body: chat },
      { method: 'GET', endpoint: 'health', status: 200 },
    ];
    const figures = [];
    for (const kind of kinds) figures.push(await measure(client, kind));
    return figures;
  } finally {
    client.close();
    await worker.dispose();
    await upstream.close();
  }
}

async function measure(client, kind) {
  const times = [];
  for (let number = 0; number < WARM_UP + REQUESTS; number += 1) {
    const { time } = await client.send(kind);
    if (number >= WARM_UP) times.push(time);
  }
  const name = `API ${kind.method} ${kind.name ?? kind.endpoint}, p95`;
  const middle = median(times).toFixed(1);
  const note = `median ${middle} ms of ${REQUESTS} requests, with the voice service at 0 ms${kind.also ?? ''}`;
  return { name, unit: 'ms', measured: percentile(times, 0.95), better: '<', target: 50, aim: 10, note };
}
