// Bounded load: nothing fails, nothing is left open, and memory does not grow.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Workerd } from '../dev/workerd.mjs';
import { Visitors, inParallel } from './load.mjs';
import { voiceAgent } from './voice_agent.mjs';

/**
 * The most by which 1,000 requests may grow the memory of the Worker's isolate after a garbage collection,
 * in bytes. A leak of a kilobyte a request is more.
 */
const ISOLATE_MARGIN = 2 ** 20;

/**
 * The same for the process of workerd. Each of the 100 tokens has a Durable Object, for whose database
 * workerd needs about 300 kB until it has been idle for ten seconds.
 */
const PROCESS_MARGIN = 64 * 2 ** 20;

/** On a busy machine, all requests at once are slow, and the log is not the subject. */
const QUIET = { SLOW_REQUEST_MS: 60_000 };

for (const api of ['realtime', 'live']) {
  describe(`50 sessions at once by ${api}`, () => {
    const agent = voiceAgent({ vars: { VOICE_API: api, ...QUIET } });

    test('open, are shown and end, each for itself', async () => {
      const ids = await inParallel(50, () => agent.open());
      assert.equal(new Set(ids).size, 50);
      assert.equal(await agent.metric('voice_sessions_open'), 50);
      const shown = await inParallel(50, (index) => agent.session(ids[index]));
      for (const { state } of shown) assert.equal(state, 'open');
      const ends = await inParallel(50, (index) => agent.send('DELETE', `session/${ids[index]}`));
      for (const { status } of ends) assert.equal(status, 204);
      await agent.control('calls?wait=ended&count=50');
      const ended = await inParallel(50, (index) => agent.ended(ids[index]));
      for (const { reason } of ended) assert.equal(reason, 'client');
      assert.equal(await agent.metric('voice_sessions_open'), 0);
    });
  });
}

describe('2,000 requests', () => {
  const agent = voiceAgent({ vars: QUIET, miniflare: { inspectorPort: 0 } });

  test('are answered without an error, and need no more memory than 1,000', async (t) => {
    const session = await agent.open();
    const visitors = new Visitors(agent, session);
    const touch = async () => (await agent.send('GET', 'rtc-config')).text();
    const workerd = await Workerd.of(agent.worker, touch);
    t.after(() => workerd.close());
    const memory = async () => {
      await workerd.collect();
      const { used, wasm } = await workerd.isolate();
      return { isolate: used + wasm, process: workerd.resident() };
    };

    assert.deepEqual(await visitors.send(1000), []);
    const first = await memory();
    assert.deepEqual(await visitors.send(1000), []);
    const second = await memory();

    for (const [part, margin] of [['isolate', ISOLATE_MARGIN], ['process', PROCESS_MARGIN]]) {
      const grown = second[part] - first[part];
      t.diagnostic(`${part}: ${megabytes(first[part])}, then ${megabytes(second[part])}`);
      assert.ok(grown <= margin, `the ${part} has grown by ${megabytes(grown)}`);
    }
    assert.equal((await agent.send('DELETE', `session/${session}`)).status, 204);
    await agent.ended(session);
    assert.equal(await agent.metric('voice_sessions_open'), 0);
  });
});

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
