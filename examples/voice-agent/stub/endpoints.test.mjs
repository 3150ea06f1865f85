// The endpoints of the API: their answers and the errors for wrong requests.

import assert from 'node:assert/strict';
import dns from 'node:dns/promises';
import { after, beforeEach, test } from 'node:test';

import { AUTHORIZED, Caller, api, begin, control, postLive, postRealtime } from './caller.mjs';
import { startStub } from './server.mjs';

const stub = await startStub({ turns: 'on-demand' });
after(() => stub.close());
beforeEach(() => control(stub, 'reset', {}));

/** Returns an offer whose caller leaves after the test. */
function offer(test) {
  const caller = new Caller();
  test.after(() => caller.leave());
  return caller.offer();
}

async function assertError(response, status, { code, param = null }) {
  assert.equal(response.status, status);
  const { error } = await response.json();
  assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'param', 'type']);
  assert.equal(error.code, code);
  assert.equal(error.param, param);
}

/** Returns the events of a stream. */
function events(text) {
  const blocks = text.split('\n\n').filter((block) => block !== '');
  return blocks.map((block) => {
    const [, type, data] = /^event: (.*)\ndata: (.*)$/.exec(block);
    const event = JSON.parse(data);
    assert.equal(event.type, type);
    return event;
  });
}

test('a Realtime call is answered with a description and its address', async (t) => {
  const response = await postRealtime(stub, await offer(t), {
    type: 'realtime',
    model: 'gpt-realtime-2.1-mini',
    instructions: 'Be brief.',
  });
  assert.equal(response.status, 201);
  assert.equal(response.headers.get('Content-Type'), 'application/sdp');
  assert.match(response.headers.get('Location'), /^\/v1\/realtime\/calls\/rtc_[0-9a-f]{32}$/);
  const answer = await response.text();
  assert.match(answer, /^v=0\r\n/);
  const candidates = answer.match(/^a=candidate:.*$/gm);
  assert.ok(candidates.length > 0 && candidates.every((line) => line.includes(' 127.0.0.1 ')), answer);
  const [call] = await control(stub, 'calls');
  assert.equal(call.id, response.headers.get('Location').split('/').at(-1));
  assert.equal(call.api, 'realtime');
  assert.equal(call.open, true);
  assert.equal(call.model, 'gpt-realtime-2.1-mini');
  assert.equal(call.instructions, 'Be brief.');
});

test('a call looks no name up, since all its addresses are known', async (t) => {
  const lookup = t.mock.method(dns, 'lookup');
  assert.equal((await postRealtime(stub, await offer(t))).status, 201);
  assert.deepEqual(lookup.mock.calls, []);
});

test('a Live session is answered with its identifier and a description', async (t) => {
  const input = [
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Good day' }] },
  ];
  const client = { data_channel: { allowed_server_events: [] } };
  const response = await postLive(stub, await offer(t), { model: 'gpt-live-1', input, client });
  assert.equal(response.status, 200);
  const { session, transport } = await response.json();
  assert.match(session.id, /^live_[0-9a-f]{32}$/);
  assert.equal(transport.type, 'webrtc');
  assert.match(transport.sdp, /^v=0\r\n/);
  const [call] = await control(stub, 'calls');
  assert.deepEqual([call.id, call.api, call.input], [session.id, 'live', input]);
});

test('a secret makes a Realtime call from a browser, and nothing else', async (t) => {
  const session = { type: 'realtime', model: 'gpt-realtime-2.1', instructions: 'From the secret.' };
  const expires_after = { anchor: 'created_at', seconds: 60 };
  const made = await (await api(stub, '/v1/realtime/client_secrets', { expires_after, session })).json();
  assert.match(made.value, /^ek_/);
  assert.ok(Number.isInteger(made.expires_at));
  assert.match(made.session.id, /^sess_/);
  const headers = { Authorization: `Bearer ${made.value}`, 'Content-Type': 'application/sdp' };
  const body = await offer(t);
  const response = await fetch(`${stub.url}/v1/realtime/calls`, { method: 'POST', headers, body });
  assert.equal(response.status, 201);
  assert.equal(response.headers.get('Access-Control-Allow-Origin'), '*');
  assert.equal((await control(stub, 'calls'))[0].instructions, 'From the secret.');
  await assertError(await fetch(`${stub.url}/v1/models`, { headers }), 401, { code: 'invalid_api_key' });
  const preflight = await fetch(`${stub.url}/v1/realtime/calls`, { method: 'OPTIONS' });
  assert.match(preflight.headers.get('Access-Control-Allow-Headers'), /Authorization/);
});

test('a call is hung up once', async (t) => {
  for (const [kind, path] of [['realtime', '/v1/realtime/calls'], ['live', '/v1/live/sessions']]) {
    const { id } = await begin(stub, kind, await offer(t));
    assert.equal((await api(stub, `${path}/${id}/hangup`, {})).status, 200);
    const call = (await control(stub, `calls?wait=ended&id=${id}`))[0];
    assert.deepEqual([call.open, call.end_reason], [false, 'hangup']);
    await assertError(await api(stub, `${path}/${id}/hangup`, {}), 404, { code: 'not_found' });
  }
});

test('requests without the right key, and unknown paths, are refused', async () => {
  for (const Authorization of ['', 'Bearer sk-wrong', 'Bearer ek_wrong', 'Basic c2stc3R1Yg==']) {
    const response = await fetch(`${stub.url}/v1/models`, { headers: { Authorization } });
    await assertError(response, 401, { code: 'invalid_api_key' });
  }
  await assertError(await api(stub, '/v1/nothing'), 404, { code: 'not_found' });
});

test('wrong sessions are refused with the parameter that is wrong', async (t) => {
  const sdp = await offer(t);
  const realtime = [
    [{ model: 'gpt-realtime-2.1' }, 'missing_required_parameter', 'session.type'],
    [{ type: 'live' }, 'invalid_value', 'session.type'],
    [{ type: 'realtime', temperature: 1 }, 'unknown_parameter', 'session.temperature'],
    ['text', 'missing_required_parameter', 'session'],
  ];
  for (const [session, code, param] of realtime) {
    await assertError(await postRealtime(stub, sdp, session), 400, { code, param });
  }
  const model = 'gpt-live-1';
  const message = (role, type) => ({ role, content: [{ type, text: 'Hello' }] });
  const wrongPart = [message('user', 'output_text')];
  const wrongRole = [message('system', 'input_text')];
  const tooMany = Array(129).fill(message('user', 'input_text'));
  const live = [
    [{}, 'missing_required_parameter', 'session.model'],
    [{ model, type: 'realtime' }, 'unknown_parameter', 'session.type'],
    [{ model, input: wrongPart }, 'invalid_value', 'session.input[0].content'],
    [{ model, input: wrongRole }, 'invalid_value', 'session.input[0].role'],
    [{ model, input: tooMany }, 'array_above_max_length', 'session.input'],
  ];
  for (const [session, code, param] of live) {
    await assertError(await postLive(stub, sdp, session), 400, { code, param });
  }
  const expires_after = { anchor: 'created_at', seconds: 9 };
  const secret = await api(stub, '/v1/realtime/client_secrets', { expires_after });
  await assertError(secret, 400, { code: 'invalid_value', param: 'expires_after.seconds' });
});

test('senseless offers are refused, and the stub goes on', async (t) => {
  const sdp = await offer(t);
  const cut = [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => sdp.slice(0, sdp.length * part));
  const without = [/a=fingerprint.*\r\n/g, /a=ice-.*\r\n/g, /m=audio.*\r\n/, /a=setup.*\r\n/g];
  const texts = ['hello', 'v=0', 'v=0\r\n\r\n', 'm=audio', '{"sdp": ""}', '\0'.repeat(100)];
  for (const senseless of [...texts, ...cut, ...without.map((line) => sdp.replace(line, ''))]) {
    const response = await postRealtime(stub, senseless);
    // The library completes some of the incomplete offers.
    assert.ok([201, 400].includes(response.status), `${response.status}: ${senseless}`);
    if (texts.includes(senseless)) await assertError(response, 400, { code: 'invalid_offer' });
    else await response.text();
  }
  await assertError(await postRealtime(stub, ''), 400, {
    code: 'missing_required_parameter',
    param: 'sdp',
  });
  await assertError(await postLive(stub, ''), 400, {
    code: 'missing_required_parameter',
    param: 'transport.sdp',
  });
  assert.equal((await postRealtime(stub, sdp)).status, 201);
});

test('the text API streams numbered events', async () => {
  const body = { model: 'gpt-6-luna', input: [{ role: 'user', content: 'Good morning' }], stream: true };
  const response = await api(stub, '/v1/responses', body);
  assert.match(response.headers.get('Content-Type'), /^text\/event-stream/);
  const sent = events(await response.text());
  assert.deepEqual(sent.map(({ sequence_number }) => sequence_number), [...sent.keys()]);
  const deltas = sent.filter(({ type }) => type === 'response.output_text.delta');
  assert.equal(deltas.map(({ delta }) => delta).join(''), 'You wrote: Good morning');
  assert.equal(sent[0].type, 'response.created');
  assert.equal(sent.at(-1).type, 'response.completed');
  assert.ok(sent.at(-1).response.usage.output_tokens > 0);
  const wrong = await api(stub, '/v1/responses', { model: 'gpt-6-luna', stream: true });
  await assertError(wrong, 400, { code: 'missing_required_parameter', param: 'input' });
});

test('the text API ends as a test wants', async () => {
  const body = { model: 'gpt-6-luna', input: 'Hello', stream: true };
  for (const end of ['failed', 'incomplete', 'error']) {
    await control(stub, 'chat', { chunks: ['One', ' two'], end });
    const sent = events(await (await api(stub, '/v1/responses', body)).text());
    assert.equal(sent.at(-1).type, end === 'error' ? 'error' : `response.${end}`);
  }
  await control(stub, 'chat', { chunks: ['One'], end: 'cut' });
  await assert.rejects(async () => (await api(stub, '/v1/responses', body)).text());
  assert.equal((await control(stub, 'log?wait=/v1/responses&count=4')).at(-1).aborted, false);
  await assert.rejects(control(stub, 'chat', { end: 'never' }), /end is not one of/);
});

test('a held stream repeats its first part, and the log shows when the client leaves', async () => {
  await control(stub, 'chat', { chunks: ['One', ' two'], hold: true });
  const leave = new AbortController();
  const response = await fetch(`${stub.url}/v1/responses`, {
    method: 'POST',
    headers: { ...AUTHORIZED, 'Content-Type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-6-luna', input: 'Hello', stream: true }),
    signal: leave.signal,
  });
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes('response.output_text.delta')) break;
  }
  leave.abort();
  const [entry] = await control(stub, 'log?wait=/v1/responses&aborted=1');
  assert.equal(entry.body.input, 'Hello');
  assert.ok(!text.includes(' two'));
});

test('models are listed with the date of their end', async () => {
  const { object, data } = await (await api(stub, '/v1/models')).json();
  assert.equal(object, 'list');
  const dates = Object.fromEntries(data.map(({ id, shutdown_date }) => [id, shutdown_date]));
  assert.equal(dates['gpt-live-1'], null);
  assert.equal(dates['gpt-realtime'], '2027-01-20');
  await control(stub, 'models', { data: [{ id: 'gpt-live-1', object: 'model' }] });
  assert.equal((await (await api(stub, '/v1/models')).json()).data.length, 1);
});
