// Errors and memory under load.

import { Visitors, inParallel } from '../../test/load.mjs';
import { VoiceAgent } from '../../test/voice_agent.mjs';
import { Workerd } from '../workerd.mjs';

const [REQUESTS, SESSIONS] = [2000, 50];

/**
 * A Worker that does nothing but use the bindings as often as the real one: the local KV, rate limiter and
 * databases of Durable Objects run in the same process here, and not on Cloudflare.
 */
const BARE = `
class Record {
  constructor({ storage }) { this.storage = storage; }
  async fetch() {
    if (!this.kept) this.kept = await this.storage.get('record');
    await this.storage.put('record', 'x'.repeat(2000));
    await this.storage.setAlarm(Date.now() + 60_000);
    return new Response();
  }
  alarm() {}
}
export class VoiceSession extends Record {}
export class ClientCounter extends Record {}
export class Meter extends Record {}
const touch = (objects, name) => objects.get(objects.idFromName(name)).fetch('http://object/');
export default {
  async fetch({ url, headers }, env, context) {
    const [endpoint, name] = new URL(url).pathname.split('/').slice(3);
    const client = headers.get('CF-Connecting-IP') ?? '';
    if (endpoint === 'health') await env.VOICE_CACHE.get('models');
    else if (endpoint !== 'rtc-config') await env.VOICE_LIMITER.limit({ key: client });
    if (['sdp', 'token', 'chat'].includes(endpoint)) await touch(env.CLIENT_COUNTERS, client);
    const session = name ?? crypto.randomUUID();
    if (['sdp', 'token', 'session'].includes(endpoint)) await touch(env.VOICE_SESSIONS, session);
    context.waitUntil(touch(env.METERS, 'all'));
    const [status, body] = { sdp: [201, 'v=0'], nothing: [404, 'nothing is here'] }[endpoint] ?? [200, 'success: true'];
    return new Response(body, { status, headers: { Location: '/session/' + session } });
  },
};
`;

/**
 * Sends a Worker two loads: the same small request again and again, and then what visitors send.
 *
 * @returns {Promise<{errors: string[], alone: number, heap: number, wasm: number, process: number}>} the errors,
 *   and bytes of memory after a garbage collection: that of the process after the first load, and all after
 *   the second
 */
async function underLoad(options) {
  const vars = { SLOW_REQUEST_MS: 60_000 };
  const agent = await VoiceAgent.start({ vars, miniflare: { inspectorPort: 0 }, ...options });
  const send = async () => (await agent.send('GET', 'rtc-config')).text();
  const workerd = await Workerd.of(agent.worker, send);
  try {
    await inParallel(REQUESTS, send);
    await workerd.collect();
    const alone = workerd.resident();
    const ids = await inParallel(SESSIONS, () => agent.open());
    const errors = await new Visitors(agent, ids[0]).send(REQUESTS);
    const ends = await inParallel(SESSIONS, (index) => agent.send('DELETE', `session/${ids[index]}`));
    errors.push(...ends.filter(({ ok }) => !ok).map(({ status }) => `the end of a session: ${status}`));
    await workerd.collect();
    const { heap, wasm } = await workerd.isolate();
    return { errors, alone, heap, wasm, process: workerd.resident() };
  } finally {
    workerd.close();
    await agent.stop();
  }
}

/** Measures the figures. */
export async function load() {
  const bare = await underLoad({ instead: BARE });
  const real = await underLoad({});
  for (const error of real.errors.slice(0, 5)) console.error(error);
  const [sent, mega] = [REQUESTS + 2 * SESSIONS, (bytes) => bytes / 1e6];
  const text = (bytes) => `${Math.round(mega(bytes))} MB`;
  return [
    {
      name: 'errors under load',
      unit: '%',
      measured: (real.errors.length / sent) * 100,
      better: '<',
      target: 0.1,
      aim: 0,
      note: `${real.errors.length} of ${sent} requests of all kinds, 50 at a time, with ${SESSIONS} calls open`,
    },
    {
      name: 'memory of the isolate after that load',
      unit: 'MB',
      measured: mega(real.heap + real.wasm),
      better: '<',
      target: 50,
      aim: 25,
      note:
        `what Cloudflare limits to 128 MB: ${mega(real.heap).toFixed(1)} MB of V8 and ` +
        `${mega(real.wasm).toFixed(1)} MB of Wasm, after a garbage collection`,
    },
    {
      name: 'memory of workerd above a bare Worker',
      unit: 'MB',
      measured: mega(real.alone - bare.alone),
      better: '<',
      target: 50,
      aim: 25,
      note:
        `after ${REQUESTS} requests for rtc-config and a garbage collection: ${text(real.alone)}, less ` +
        `${text(bare.alone)} with a Worker of 30 lines that has the same bindings. After the load of all kinds it is ` +
        `${text(real.process)}, less ${text(bare.process)}: workerd keeps what it has once needed for connections, ` +
        'streams and the databases of Durable Objects.',
    },
  ];
}
