// The sideband of a call: when it is opened, and what its loss means.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { gate, sessionAgent } from './objects.mjs';

for (const api of ['realtime', 'live']) {
  describe(`the sideband of a call by ${api}`, () => {
    const agent = sessionAgent({ api });

    test('is not waited for by the answer to the offer', async () => {
      const [decision, release] = gate();
      const { call } = await agent.begin({ sideband: () => decision });
      await agent.service.until(() => call.attempts === 1);
      assert.equal(call.connections[0].destroyed, false, 'the answer came first');
      release('accept');
      await agent.service.until(() => call.open.length === 1);
    });

    test('that is refused before it was ever accepted ends nothing', async () => {
      const { id, call } = await agent.begin({ sideband: (number) => (number === 1 ? 404 : 'accept') });
      await agent.service.until(() => call.connections[0]?.destroyed);
      assert.equal((await agent.session(id)).state, 'open');
      await agent.ring(id);
      await agent.service.until(() => call.open.length === 1);
      assert.deepEqual([(await agent.session(id)).state, call.hangUps], ['open', 0]);
      assert.equal((await agent.hangUp(id)).status, 204);
      await agent.stored(id, 'Ended');
      assert.equal(call.hangUps, 1);
    });

    test('that is unknown after it was accepted ends the call, which is hung up', async () => {
      const { id, call } = await agent.connect({ sideband: (number) => (number === 1 ? 'accept' : 404) });
      call.sidebands[0].close(1011);
      assert.deepEqual((await agent.stored(id, 'Ended')).state, { Ended: 'dropped' });
      // Live can be told on a sideband only.
      if (api === 'realtime') assert.equal(call.hangUps, 1);
      else assert.ok(call.attempts > 2);
    });

    test('that is unknown after the object was evicted ends the call too', async () => {
      const { id } = await agent.connect({ sideband: (number) => (number === 1 ? 'accept' : 404) });
      await agent.evict(id);
      await agent.session(id);
      assert.deepEqual((await agent.stored(id, 'Ended')).state, { Ended: 'dropped' });
    });

    test('that closes at once is opened three times between two alarms', async () => {
      const { id, call } = await agent.begin({ sideband: () => 'close' });
      const areClosed = (number) => () =>
        call.sidebands.length >= number && call.sidebands.every(({ readyState }) => readyState === 3);
      await agent.service.until(areClosed(3));
      for (let times = 0; times < 10; times += 1) await agent.session(id);
      await agent.ring(id);
      await agent.service.until(areClosed(6));
      for (let times = 0; times < 10; times += 1) await agent.session(id);
      assert.deepEqual([call.attempts, (await agent.session(id)).state], [6, 'open']);
    });

    test('is opened by one of those who want it', async () => {
      const [decision, release] = gate();
      const { id, call } = await agent.connect({ sideband: (number) => (number === 1 ? 'accept' : decision) });
      call.sidebands[0].close(1011);
      await agent.service.until(() => call.attempts === 2);
      await agent.ring(id);
      await Promise.all(Array.from({ length: 10 }, () => agent.session(id)));
      release('accept');
      await agent.service.until(() => call.open.length === 1);
      await call.tell();
      await agent.ring(id);
      await agent.session(id);
      assert.deepEqual([call.attempts, call.open.length], [2, 1]);
    });

    test('is opened again by the first request after an eviction', async () => {
      const { id, call } = await agent.connect();
      await agent.evict(id);
      await agent.service.until(() => call.open.length === 0);
      await agent.session(id);
      await agent.service.until(() => call.open.length === 1);
      assert.equal(call.attempts, 2);
    });

    test('is opened again by the alarm after an eviction', async () => {
      const { id, call } = await agent.connect();
      await agent.evict(id);
      await agent.service.until(() => call.open.length === 0);
      await agent.ring(id);
      await agent.service.until(() => call.open.length === 1);
      assert.equal((await agent.session(id)).state, 'open');
    });
  });

  describe(`calls by ${api} whose sidebands work`, () => {
    const agent = sessionAgent({ api });

    test('count no failure of a sideband', async () => {
      for (let times = 0; times < 3; times += 1) {
        const { id, call } = await agent.connect();
        await agent.session(id);
        assert.equal((await agent.hangUp(id)).status, 204);
        await agent.stored(id, 'Ended');
        await agent.service.until(() => call.open.length === 0);
      }
      assert.equal(await agent.metric('voice_sideband_failures_total'), 0);
    });
  });
}
