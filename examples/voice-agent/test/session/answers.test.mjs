// Answers of the voice service that stall or lead elsewhere, and a KV that accepts no writes.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { assertProblem } from '../voice_agent.mjs';
import { sessionAgent } from './objects.mjs';
import { Service } from './service.mjs';

/** Sends the head of an answer and the first bytes of its content, and then nothing. */
function stall(response) {
  response.writeHead(200, { 'Content-Type': 'application/sdp', 'Content-Length': '500' });
  response.write('v=0');
}

/** Long enough for a busy machine to answer what does not stall, in milliseconds. */
const UPSTREAM_TIMEOUT_MS = 3_000;

for (const api of ['realtime', 'live']) {
  describe(`a voice service with ${api} that stalls within an answer`, () => {
    const agent = sessionAgent({ api, vars: { UPSTREAM_TIMEOUT_MS } });

    test('is given up after the timeout, and asked again by the same request', async () => {
      const init = { from: agent.client(), headers: { 'Idempotency-Key': randomUUID() } };
      let stalled;
      agent.service.script = { offer: (response) => stall((stalled = response)) };
      const response = await agent.offer(init);
      await assertProblem(response, 504, 'upstream-timeout');
      await agent.service.until(() => stalled.closed);
      const { call } = await agent.connect({}, init);
      assert.equal(call.attempts, 1);
    });
  });
}

describe('a hang-up that stalls', () => {
  const agent = sessionAgent({ vars: { UPSTREAM_TIMEOUT_MS } });

  test('is given up after the timeout, and told again', async () => {
    const { id } = await agent.connect({ hangUp: (number, response) => (number === 1 ? stall(response) : 200) });
    await assertProblem(await agent.hangUp(id), 504, 'upstream-timeout');
    assert.equal((await agent.session(id)).state, 'ending');
    assert.equal((await agent.hangUp(id)).status, 204);
    assert.equal((await agent.session(id)).state, 'ended');
  });
});

describe('a redirect of the voice service', () => {
  const agent = sessionAgent();
  let elsewhere;
  before(async () => (elsewhere = await Service.start('realtime')));
  after(() => elsewhere.close());

  for (const status of [301, 302, 303, 307, 308]) {
    test(`with status ${status} is not followed`, async () => {
      const redirect = (response) => {
        const path = agent.service.requests.at(-1).path;
        response.writeHead(status, { Location: `${elsewhere.url}${path}` }).end();
      };
      agent.service.script = { offer: redirect };
      await assertProblem(await agent.offer(), 502, 'upstream-failed');
      const { id } = await agent.connect({ hangUp: (_, response) => redirect(response) });
      await assertProblem(await agent.hangUp(id), 502, 'upstream-failed');
      assert.deepEqual([elsewhere.requests, elsewhere.calls], [[], []]);
    });
  }
});

describe('a token', () => {
  const agent = sessionAgent({ readOnly: 'SESSIONS' });

  test('is given although KV accepts no write', async () => {
    const init = { from: agent.client(), headers: { 'Idempotency-Key': randomUUID() } };
    for (const times of ['once', 'twice']) {
      const response = await agent.send('POST', 'token', init);
      assert.equal(response.status, 200, times);
      assert.equal((await response.json()).token, 'ek_scripted');
    }
    await agent.line('a session is not kept');
    const minted = agent.service.requests.filter(({ path }) => path.endsWith('/client_secrets'));
    assert.equal(minted.length, 1);
  });
});
