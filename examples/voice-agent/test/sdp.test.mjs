// `POST sdp`, `GET session` and `DELETE session`: calls from their beginning to their end.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';

import { OFFER, VoiceAgent, assertProblem, voiceAgent } from './voice_agent.mjs';

for (const api of ['realtime', 'live']) {
  describe(`a call by ${api}`, () => {
    const agent = voiceAgent({ vars: { VOICE_API: api } });
    const path = api === 'live' ? '/v1/live/sessions' : '/v1/realtime/calls';

    /** Returns the last call of the stub. */
    const lastCall = async () => (await agent.control('calls')).at(-1);

    test('opens by the offer of a browser', async () => {
      const response = await agent.offer();
      assert.equal(response.status, 201);
      assert.equal(response.headers.get('Content-Type'), 'application/sdp');
      assert.match(response.headers.get('Location'), /^\/api\/voice-agent\/session\/[0-9a-f]{64}$/);
      assert.equal(response.headers.get('Voice-Api'), api);
      assert.match(await response.text(), /^v=0\r\n/);
      const [request] = (await agent.control('log')).filter((entry) => entry.path === path);
      assert.equal(request.headers.authorization, 'Bearer sk-stub-0123456789');
      assert.ok(JSON.stringify(request.body).includes('Second Chair'), 'the instructions are those of the Worker');
    });

    test('gives the voice service no address of a client', async () => {
      const from = agent.client();
      await agent.open({ from });
      const log = JSON.stringify(await agent.control('log'));
      assert.ok(!log.includes(from));
      assert.match(log, api === 'live' ? /safety_identifier.{0,5}[0-9a-f]{64}/ : /safety-identifier.{0,5}[0-9a-f]{64}/);
    });

    test('is open until the page ends it', async () => {
      const id = await agent.open();
      const { id: call } = await lastCall();
      const open = await agent.session(id);
      assert.equal(open.state, 'open');
      assert.equal(open.api, api);
      assert.equal(open.ends_at - open.opened_at, 15 * 60_000);
      assert.equal((await agent.send('DELETE', `session/${id}`)).status, 204);
      await agent.control(`calls?wait=ended&id=${call}`);
      const ended = await agent.ended(id);
      assert.deepEqual([ended.state, ended.reason], ['ended', 'client']);
      assert.equal((await agent.send('DELETE', `session/${id}`)).status, 204, 'a second time');
      assert.equal((await agent.session(id)).reason, 'client');
    });

    test('has its transcript and cost, which the Worker knows without the page', async () => {
      const id = await agent.open();
      const { id: call } = await lastCall();
      await agent.control(`calls?wait=sideband&id=${call}`);
      await agent.control(`calls/${call}/hear`, { text: 'I have to let you go.' });
      await agent.control(`calls/${call}/say`, { text: 'Why me?' });
      await agent.send('DELETE', `session/${id}`);
      await agent.control(`calls?wait=ended&id=${call}`);
      const { transcript, cost_usd, usage } = await agent.session(id);
      const turns = transcript.map(({ role, text }) => [role, text.trim()]);
      assert.deepEqual(turns, [['user', 'I have to let you go.'], ['assistant', 'Why me?']]);
      assert.ok(cost_usd > 0, JSON.stringify(usage));
    });

    test('hands its transcript over to the call that goes on with it', async () => {
      const id = await agent.open();
      const { id: call } = await lastCall();
      await agent.control(`calls?wait=sideband&id=${call}`);
      await agent.control(`calls/${call}/hear`, { text: 'The budget is cut by a third.' });
      await agent.control(`calls/${call}/drop`, {});
      const next = await agent.open({ resume: id });
      assert.notEqual(next, id);
      const opened = await lastCall();
      assert.ok(JSON.stringify([opened.instructions, opened.input]).includes('The budget is cut by a third.'));
      assert.equal((await agent.session(next)).transcript.length, 1, 'and on to a third one');
      assert.equal((await agent.session(id)).state, 'ended');
    });

    test('ends for the Worker when the peer of the voice service dies', async () => {
      const id = await agent.open();
      const { id: call } = await lastCall();
      await agent.control(`calls?wait=sideband&id=${call}`);
      await agent.control(`calls/${call}/drop`, {});
      const session = await agent.ended(id);
      assert.equal(session.reason, 'dropped');
    });

    test('ends after the longest time of the voice service', async () => {
      const id = await agent.open();
      const { id: call } = await lastCall();
      await agent.control(`calls?wait=sideband&id=${call}`);
      await agent.control(`calls/${call}/expire`, {});
      const session = await agent.ended(id);
      assert.equal(session.reason, 'expired');
    });

    test('is opened once by a request that is sent twice', async () => {
      const from = agent.client();
      const headers = { 'Idempotency-Key': randomUUID() };
      await agent.control('reset', {});
      const first = await agent.offer({ from, headers });
      const second = await agent.offer({ from, headers });
      assert.equal(second.status, 201);
      assert.equal(second.headers.get('Location'), first.headers.get('Location'));
      assert.equal(await second.text(), await first.text());
      const sent = (await agent.control('log')).filter((entry) => entry.path === path);
      assert.equal(sent.length, 1);
      const other = await agent.offer({ from, headers, body: OFFER.replace('zDnB', 'aBcD') });
      await assertProblem(other, 422, 'unprocessable');
      const stranger = await agent.offer({ headers });
      assert.notEqual(stranger.headers.get('Location'), first.headers.get('Location'));
    });
  });

  describe(`the budget of a call by ${api}`, () => {
    const agent = voiceAgent({ vars: { VOICE_API: api, SESSION_MINUTES: 0 } });

    test('ends it by an alarm of its Durable Object', async () => {
      const id = await agent.open();
      const [call] = await agent.control('calls');
      await agent.control(`calls?wait=ended&id=${call.id}`);
      const session = await agent.ended(id);
      assert.equal(session.reason, 'budget');
      assert.equal(await agent.metric('voice_sessions_ended_total{reason="budget"}'), 1);
    });
  });
}

describe('a bad offer', () => {
  const agent = voiceAgent();

  for (const [name, init, status, slug] of [
    ['without a media type', { headers: { 'Content-Type': '' } }, 415, 'unsupported-media-type'],
    ['of JSON', { headers: { 'Content-Type': 'application/json' } }, 415, 'unsupported-media-type'],
    ['without content', { body: null }, 400, 'bad-request'],
    ['of other text', { body: 'hello' }, 400, 'bad-request'],
    ['without audio', { body: OFFER.replace('m=audio', 'm=video') }, 400, 'bad-request'],
    ['without a fingerprint', { body: OFFER.replace('a=fingerprint', 'a=x') }, 400, 'bad-request'],
    ['of 1 MB', { body: OFFER + 'a=x\r\n'.repeat(200_000) }, 413, 'too-large'],
    ['that is not UTF-8', { body: new Uint8Array([0xff, 0xfe, 0xfd]) }, 400, 'bad-request'],
    ['with a short key', { headers: { 'Idempotency-Key': 'short' } }, 400, 'bad-request'],
    ['with a long key', { headers: { 'Idempotency-Key': 'x'.repeat(129) } }, 400, 'bad-request'],
    ['that resumes nonsense', { resume: 'nonsense' }, 400, 'bad-request'],
    ['that resumes an unknown call', { resume: '0'.repeat(64) }, 404, 'not-found'],
  ]) {
    test(`${name} is a problem, and costs nothing`, async () => {
      await agent.control('reset', {});
      await assertProblem(await agent.offer(init), status, slug);
      const opened = (await agent.control('log')).filter(({ method }) => method === 'POST');
      assert.deepEqual(opened, []);
    });
  }

  test('streamed without a length is not read to its end', async () => {
    const chunk = new TextEncoder().encode('a=x\r\n'.repeat(4_000));
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 1;
        if (sent > 500) controller.close();
        else controller.enqueue(chunk);
      },
    });
    // The Worker may close the connection before the client has read its response (RFC 9110 §15.5.14).
    const response = await agent.offer({ body, duplex: 'half' }).catch(() => undefined);
    if (response !== undefined) await assertProblem(response, 413, 'too-large');
    assert.ok(sent < 500, `${sent} chunks were read`);
  });

  test('to an unknown session is not found', async () => {
    for (const id of ['nonsense', '0'.repeat(64), `${'0'.repeat(63)}G`, '']) {
      await assertProblem(await agent.send('GET', `session/${id}`), 404, 'not-found');
      await assertProblem(await agent.send('DELETE', `session/${id}`), 404, 'not-found');
    }
  });
});
