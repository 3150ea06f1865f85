// Requests that are sent again with the same `Idempotency-Key`, and calls that go on with an earlier one.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';

import { OFFER, assertProblem } from '../voice_agent.mjs';
import { gate, sessionAgent } from './objects.mjs';

/** Returns what the requests of a client with one key have in common. */
const repeatable = (agent) => ({ from: agent.client(), headers: { 'Idempotency-Key': randomUUID() } });

describe('a request that is sent again', () => {
  const agent = sessionAgent({ vars: { CALLS_A_MINUTE: 1 } });

  test('uses up no quota', async () => {
    const init = repeatable(agent);
    const { id } = await agent.connect({}, init);
    for (let times = 0; times < 3; times += 1) {
      const again = await agent.offer(init);
      assert.equal(again.status, 201);
      assert.ok(again.headers.get('Location').endsWith(id));
    }
    const other = { ...init, headers: { 'Idempotency-Key': randomUUID() } };
    await assertProblem(await agent.offer(other), 429, 'too-many-requests');
  });

  test('after the end of its call opens none', async () => {
    const init = repeatable(agent);
    const { id, call } = await agent.connect({}, init);
    assert.equal((await agent.hangUp(id)).status, 204);
    await assertProblem(await agent.offer(init), 409, 'conflict');
    assert.equal(agent.service.calls.at(-1), call);
  });

  test('while its call is being ended opens none', async () => {
    const init = repeatable(agent);
    const { id, call } = await agent.connect({ hangUp: () => 500 }, init);
    await assertProblem(await agent.hangUp(id), 502, 'upstream-failed');
    await assertProblem(await agent.offer(init), 409, 'conflict');
    assert.equal(agent.service.calls.at(-1), call);
  });
});

describe('a key that is in use', () => {
  const agent = sessionAgent();

  test('is refused while the first request is being answered', async () => {
    const [answer, release] = gate();
    const init = repeatable(agent);
    const opened = agent.service.calls.length;
    agent.service.script = {
      offer: (response) => {
        answer.then(() => response.writeHead(201).end('v=0\r\n'));
      },
    };
    const first = agent.offer(init);
    await agent.service.until(() => agent.service.calls.length === opened + 1);
    const second = await agent.offer(init);
    assert.equal(second.headers.get('Retry-After'), '1');
    await assertProblem(second, 409, 'conflict');
    release();
    assert.equal((await first).status, 201);
    assert.equal((await agent.offer(init)).status, 201);
    assert.equal(agent.service.calls.length, opened + 1);
  });

  test('is refused with another offer', async () => {
    const init = repeatable(agent);
    const { id, call } = await agent.connect({}, init);
    const other = { ...init, body: OFFER.replace('zDnB', 'aBcD') };
    await assertProblem(await agent.offer(other), 422, 'unprocessable');
    assert.equal(agent.service.calls.at(-1), call);
    assert.equal((await agent.session(id)).state, 'open');
  });

  test('is refused with another call to go on with, which goes on', async () => {
    const one = await agent.connect();
    const two = await agent.connect();
    const init = repeatable(agent);
    const next = await agent.connect({}, { ...init, resume: one.id });
    await agent.stored(one.id, 'Ended');
    for (const resume of [two.id, undefined]) {
      await assertProblem(await agent.offer({ ...init, resume }), 422, 'unprocessable');
    }
    assert.equal((await agent.offer({ ...init, resume: one.id })).status, 201);
    for (const { id, call } of [two, next]) {
      assert.deepEqual([(await agent.session(id)).state, call.hangUps], ['open', 0]);
    }
  });
});

for (const api of ['realtime', 'live']) {
  describe(`a call by ${api} that another one goes on with`, () => {
    const agent = sessionAgent({ api });

    test('ends after the other one has begun', async () => {
      const { id, call } = await agent.connect();
      const next = await agent.connect({}, { resume: id });
      assert.deepEqual((await agent.stored(id, 'Ended')).state, { Ended: 'resumed' });
      assert.equal(call.hangUps, 1);
      assert.equal((await agent.session(next.id)).state, 'open');
    });

    test('goes on if the other one cannot begin', async () => {
      const { id, call } = await agent.connect();
      agent.service.script = { offer: () => 500 };
      await assertProblem(await agent.offer({ resume: id }), 502, 'upstream-failed');
      assert.deepEqual([(await agent.session(id)).state, call.hangUps, call.open.length], ['open', 0, 1]);
    });
  });
}
