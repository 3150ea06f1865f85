// The alarm of a call, which ends it for certain and then forgets it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertProblem } from '../voice_agent.mjs';
import { KEPT, gate, sessionAgent } from './objects.mjs';

/** Two hours, in milliseconds. */
const TWO_HOURS = 7_200_000;

for (const api of ['realtime', 'live']) {
  describe(`the alarm of a call by ${api}`, () => {
    const agent = sessionAgent({ api });

    /** Asserts that a call is kept for an hour after its end, and returns what is stored. */
    const assertKept = async (id) => {
      const record = await agent.stored(id, 'Ended');
      assert.equal((await agent.alarm(id)) - record.ended_at, KEPT);
      return record;
    };

    test('rings an hour after an end by the page', async () => {
      const { id } = await agent.connect();
      assert.equal((await agent.hangUp(id)).status, 204);
      await assertKept(id);
    });

    test('rings an hour after an end that an alarm has found', async () => {
      const decisions = ['accept', 500];
      const { id, call } = await agent.connect({ sideband: (number) => decisions[number - 1] ?? 404 });
      call.sidebands[0].close(1011);
      await agent.service.until(() => call.connections[1]?.destroyed);
      assert.equal((await agent.record(id)).state, 'Open');
      await agent.ring(id);
      assert.deepEqual((await assertKept(id)).state, { Ended: 'dropped' });
    });

    test('deletes nothing before that', async () => {
      const { id } = await agent.connect();
      await agent.hangUp(id);
      const record = await assertKept(id);
      for (let times = 0; times < 3; times += 1) await agent.ring(id);
      assert.deepEqual(await assertKept(id), record);
      assert.equal((await agent.session(id)).reason, 'client');
    });

    test('deletes all after that', async () => {
      const { id } = await agent.connect();
      await agent.hangUp(id);
      await agent.stored(id, 'Ended');
      await agent.age(id, KEPT);
      assert.equal((await agent.session(id)).state, 'ended');
      await agent.ring(id);
      assert.deepEqual([await agent.record(id), await agent.alarm(id)], [null, null]);
      await assertProblem(await agent.send('GET', `session/${id}`), 404, 'not-found');
    });

    test('ends a call whose minutes are used up', async () => {
      const { id, call } = await agent.connect();
      await agent.age(id, 15 * 60_000);
      await agent.ring(id);
      assert.deepEqual((await assertKept(id)).state, { Ended: 'budget' });
      assert.equal(call.hangUps, 1);
    });

    test('ends a call that could not be hung up for an hour, for its own reason', async () => {
      const { id, call } = await agent.connect({
        sideband: (number) => (number === 1 ? 'accept' : 500),
        hangUp: () => 500,
      });
      await (await agent.hangUp(id)).text();
      await agent.age(id, TWO_HOURS);
      await agent.ring(id);
      assert.deepEqual((await assertKept(id)).state, { Ended: 'client' });
      assert.equal(call.hangUps, 1);
      assert.ok(agent.log.some((line) => line.includes('has never confirmed the end of a call')));
    });

    test('tells the end again until the voice service has heard it', async () => {
      const { id, call } = await agent.connect({ hangUp: (number) => (number < 4 ? 500 : 200) });
      await (await agent.hangUp(id)).text();
      for (const told of [2, 3, 4]) {
        assert.ok('Ending' in (await agent.record(id)).state);
        await agent.ring(id);
        await agent.service.until(() => call.hangUps === told);
      }
      assert.deepEqual((await assertKept(id)).state, { Ended: 'client' });
    });
  });
}

describe('two requests that end a call at once', () => {
  const agent = sessionAgent();

  for (const [name, order] of [['the first', [0, 1]], ['the second', [1, 0]]]) {
    test(`are both answered if ${name} ends it and the other one fails`, async () => {
      const gates = [gate(), gate()];
      const { id, call } = await agent.connect({ hangUp: (number) => gates[number - 1][0] });
      const responses = [agent.hangUp(id)];
      await agent.service.until(() => call.hangUps === 1);
      responses.push(agent.hangUp(id));
      await agent.service.until(() => call.hangUps === 2);
      gates[order[0]][1](200);
      const { ended_at: endedAt } = await agent.stored(id, 'Ended');
      gates[order[1]][1](500);
      const statuses = (await Promise.all(responses)).map(({ status }) => status);
      assert.deepEqual(statuses, [204, 204]);
      assert.equal((await agent.alarm(id)) - endedAt, KEPT);
      assert.equal((await agent.session(id)).state, 'ended');
    });
  }
});
