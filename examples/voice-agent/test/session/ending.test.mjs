// The end of a call: who gives the reason, and what counts as its end.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertProblem } from '../voice_agent.mjs';
import { gate, sessionAgent } from './objects.mjs';

/** The event with which an API says that it has ended a call for a reason of its own. */
const CLOSED = {
  realtime: { type: 'error', error: { code: 'session_expired' } },
  live: { type: 'session.closed', reason: 'remote_hangup', usage: { seconds: 3 } },
};

for (const api of ['realtime', 'live']) {
  describe(`a call by ${api} that is being ended`, () => {
    const agent = sessionAgent({ api });

    test('keeps the reason of the Worker, whatever the voice service says meanwhile', async () => {
      const [answer, release] = gate();
      const { id, call } = await agent.connect({ hangUp: () => answer });
      const ended = agent.hangUp(id);
      await agent.service.until(() => call.hangUps === 1);
      call.emit(CLOSED[api]);
      const { state } = await agent.stored(id, 'Ended');
      assert.deepEqual(state, { Ended: 'client' });
      release(200);
      assert.equal((await ended).status, 204);
      assert.equal((await agent.session(id)).reason, 'client');
    });

    test('keeps it after a hang-up that has failed', async () => {
      const { id, call } = await agent.connect({ hangUp: () => 500 });
      await (await agent.hangUp(id)).text();
      assert.equal((await agent.session(id)).state, 'ending');
      call.emit(CLOSED[api]);
      await agent.stored(id, 'Ended');
      assert.equal((await agent.session(id)).reason, 'client');
    });

    test('keeps the first of two reasons of the Worker', async () => {
      const { id } = await agent.connect({ hangUp: (number) => (number === 1 ? 500 : 200) });
      await (await agent.hangUp(id)).text();
      await agent.open({ resume: id });
      assert.deepEqual((await agent.stored(id, 'Ended')).state, { Ended: 'client' });
    });

    test('is ended by an object that has been evicted', async () => {
      const { id, call } = await agent.connect();
      await agent.evict(id);
      await agent.service.until(() => call.open.length === 0);
      assert.equal((await agent.hangUp(id)).status, 204);
      const { state } = await agent.stored(id, 'Ended');
      assert.deepEqual([state, call.hangUps], [{ Ended: 'client' }, 1]);
    });

    test('is ended while its sideband is being opened', async () => {
      const [decision, release] = gate();
      const { id, call } = await agent.begin({ sideband: () => decision });
      await agent.service.until(() => call.attempts === 1);
      const ended = agent.hangUp(id);
      await agent.stored(id, 'Ending');
      release('accept');
      assert.equal((await ended).status, 204);
      await agent.stored(id, 'Ended');
      assert.deepEqual([call.hangUps, call.attempts], [1, 1]);
    });

    test('has no sideband after its end', async () => {
      const { id, call } = await agent.connect();
      assert.equal((await agent.hangUp(id)).status, 204);
      await agent.service.until(() => call.open.length === 0);
      await agent.session(id);
      await agent.ring(id);
      assert.deepEqual([call.attempts, (await agent.session(id)).state], [1, 'ended']);
    });
  });
}

describe('a call by realtime', () => {
  const agent = sessionAgent();

  test('whose hang-up fails is a problem for its page, and is told again by the next request', async () => {
    const { id, call } = await agent.connect({ hangUp: (number) => (number === 1 ? 500 : 200) });
    await assertProblem(await agent.hangUp(id), 502, 'upstream-failed');
    assert.equal((await agent.hangUp(id)).status, 204);
    assert.deepEqual([call.hangUps, (await agent.session(id)).state], [2, 'ended']);
  });

  test('that has ended closes a sideband that is accepted after that', async () => {
    const [decision, release] = gate();
    const { id, call } = await agent.begin({ sideband: () => decision });
    await agent.service.until(() => call.attempts === 1);
    assert.equal((await agent.hangUp(id)).status, 204);
    release('accept');
    await agent.service.until(() => call.sidebands.length === 1 && call.open.length === 0);
    assert.equal((await agent.session(id)).state, 'ended');
  });

  test('has ended if the voice service no longer knows it', async () => {
    const { id } = await agent.connect({ hangUp: () => 404 });
    assert.equal((await agent.hangUp(id)).status, 204);
    assert.equal((await agent.session(id)).state, 'ended');
  });
});

describe('a call by live that the voice service does not close', () => {
  const agent = sessionAgent({ api: 'live' });

  test('is ending until it is closed, and is told again by the alarm', async () => {
    const { id, call } = await agent.connect({ hangUp: (number) => (number === 1 ? 500 : 200) });
    assert.equal((await agent.hangUp(id)).status, 204);
    const { state, reason } = await agent.session(id);
    assert.deepEqual([state, reason], ['ending', 'client']);
    assert.ok((await agent.alarm(id)) <= Date.now() + 10_000, 'the alarm rings soon');
    await agent.ring(id);
    assert.deepEqual((await agent.stored(id, 'Ended')).state, { Ended: 'client' });
    assert.deepEqual([call.hangUps, call.attempts], [2, 1]);
  });

  test('is ending while the voice service knows no sideband of it', async () => {
    const { id, call } = await agent.begin({ sideband: (number) => (number < 3 ? 404 : 'accept') });
    await agent.service.until(() => call.connections[0]?.destroyed);
    await assertProblem(await agent.hangUp(id), 502, 'upstream-failed');
    assert.equal((await agent.session(id)).state, 'ending');
    await agent.ring(id);
    assert.deepEqual((await agent.stored(id, 'Ended')).state, { Ended: 'client' });
    assert.equal(call.hangUps, 1);
  });
});
