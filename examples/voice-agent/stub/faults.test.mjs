// The modes of the stub, at every kind of endpoint.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { AUTHORIZED, Caller, Sideband, api, begin, control, postLive, postRealtime } from './caller.mjs';
import { startStub } from './server.mjs';

const stub = await startStub({ turns: 'on-demand' });
after(() => stub.close());
beforeEach(() => control(stub, 'reset', {}));

const models = () => api(stub, '/v1/models');

test('modes of errors answer with their status and the shape of the API', async () => {
  const codes = { 400: 'invalid_value', 401: 'invalid_api_key', 429: 'rate_limit_exceeded', 500: null };
  for (const [mode, code] of Object.entries(codes)) {
    await control(stub, 'mode', { mode });
    const response = await models();
    assert.equal(response.status, Number(mode));
    assert.equal((await response.json()).error.code, code);
    assert.equal(response.headers.get('Retry-After'), mode === '429' ? '20' : null);
  }
});

test('the mode `empty-error` answers 400 with four empty fields', async () => {
  await control(stub, 'mode', { mode: 'empty-error' });
  const response = await postRealtime(stub, 'v=0');
  assert.equal(response.status, 400);
  assert.deepEqual(await response.json(), { error: { message: '', type: '', code: '', param: '' } });
});

test('the modes `empty`, `html` and `changed-schema` succeed with the wrong body', async () => {
  for (const path of ['/v1/realtime/calls', '/v1/live/sessions', '/v1/responses']) {
    await control(stub, 'mode', { mode: 'empty' });
    const empty = await api(stub, path, {});
    assert.deepEqual([empty.status, await empty.text()], [200, '']);
    await control(stub, 'mode', { mode: 'html', status: 502 });
    const page = await api(stub, path, {});
    assert.deepEqual([page.status, page.headers.get('Content-Type')], [502, 'text/html']);
    assert.match(await page.text(), /^<!doctype html>/);
    await control(stub, 'mode', { mode: 'changed-schema' });
    const changed = await api(stub, path, {});
    assert.equal(changed.status, 200);
    assert.equal(changed.headers.get('Location'), null);
    assert.doesNotMatch(await changed.text(), /sdp|"delta"|"type"/);
  }
});

test('the mode `wrong-sdp` answers with a description that no peer accepts', async (t) => {
  const caller = new Caller();
  t.after(() => caller.leave());
  const offer = await caller.offer();
  await control(stub, 'mode', { mode: 'wrong-sdp' });
  const response = await postRealtime(stub, offer);
  assert.equal(response.status, 201);
  assert.match(response.headers.get('Location'), /rtc_/);
  const answer = await response.text();
  assert.match(answer, /^v=0\r\n/);
  assert.doesNotMatch(answer, /m=/);
  await control(stub, 'mode', { mode: 'wrong-sdp', sdp: 'nonsense' });
  assert.equal((await (await postLive(stub, offer)).json()).transport.sdp, 'nonsense');
  assert.equal((await control(stub, 'calls?wait=open&count=2')).length, 2);
});

test('the mode `down` breaks the connection without an answer', async () => {
  await control(stub, 'mode', { mode: 'down' });
  await assert.rejects(models(), { name: 'TypeError' });
  const [entry] = await control(stub, 'log?wait=/v1/models');
  assert.deepEqual([entry.aborted, entry.status], [false, null]);
});

test('the mode `slow` delays the right answer, and ends when the client leaves', async () => {
  await control(stub, 'mode', { mode: 'slow', delay_ms: 1 });
  assert.equal((await models()).status, 200);
  await control(stub, 'mode', { mode: 'slow', delay_ms: 3_600_000 });
  const leave = new AbortController();
  const waiting = fetch(`${stub.url}/v1/models`, { headers: AUTHORIZED, signal: leave.signal });
  await control(stub, 'log?wait=/v1/models&count=2');
  leave.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
  assert.equal((await control(stub, 'log?wait=/v1/models&aborted=1')).length, 1);
});

test('a mode applies to its path and its number of requests, until the next one or a reset', async () => {
  await control(stub, 'mode', { mode: '500', path: '/v1/realtime/' });
  assert.equal((await models()).status, 200);
  assert.equal((await postRealtime(stub, 'v=0')).status, 500);
  assert.equal((await postRealtime(stub, 'v=0')).status, 500);
  await control(stub, 'mode', { mode: '429', times: 1 });
  assert.equal((await models()).status, 429);
  assert.equal((await models()).status, 200);
  await control(stub, 'mode', { mode: '500' });
  await control(stub, 'reset', {});
  assert.equal((await models()).status, 200);
  await assert.rejects(control(stub, 'mode', { mode: 'never' }), /mode is not one of/);
});

test('modes apply to sidebands', async (t) => {
  const caller = new Caller();
  t.after(() => caller.leave());
  const { id } = await begin(stub, 'realtime', await caller.offer());
  const path = `/v1/realtime?call_id=${id}`;
  await control(stub, 'mode', { mode: '500', path: '/v1/realtime' });
  await assert.rejects(Sideband.connect(stub, path), /500/);
  await control(stub, 'mode', { mode: 'down' });
  await assert.rejects(Sideband.connect(stub, path), /hang up/);
  await control(stub, 'mode', { mode: 'ok' });
  await assert.rejects(Sideband.connect(stub, path, {}), /401/);
  await assert.rejects(Sideband.connect(stub, '/v1/realtime?call_id=rtc_0'), /404/);
  await assert.rejects(Sideband.connect(stub, '/v1/realtime'), /400/);
  await Sideband.connect(stub, path);
  const statuses = (await control(stub, 'log?wait=/v1/realtime&count=6')).map(({ status }) => status);
  assert.deepEqual(statuses, [500, null, 401, 404, 400, 101]);
});

test('the log shows method, path, fields and body of each request', async () => {
  await api(stub, '/v1/responses?x=1', { model: 'm' }, { 'OpenAI-Safety-Identifier': 'hash' });
  await postRealtime(stub, 'v=0', { type: 'realtime' });
  await fetch(`${stub.url}/v1/realtime/calls`, { method: 'POST', body: 'not a form' });
  const [json, form, text] = await control(stub, 'log?wait=/v1/*&count=3');
  assert.deepEqual([json.method, json.path, json.query], ['POST', '/v1/responses', '?x=1']);
  assert.equal(json.headers['openai-safety-identifier'], 'hash');
  assert.deepEqual(json.body, { model: 'm' });
  assert.deepEqual(form.body, { sdp: 'v=0', session: { type: 'realtime' } });
  assert.equal(text.body, 'not a form');
});

test('waiting for a request answers as soon as it arrives', async () => {
  const waiting = control(stub, 'log?wait=/v1/models&count=2');
  await models();
  await models();
  assert.equal((await waiting).length, 2);
});
