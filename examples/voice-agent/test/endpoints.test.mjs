// The endpoints besides those of a call, and what all of them share.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';

import { METRICS_TOKEN } from '../dev/worker.mjs';
import { SITE, assertProblem, voiceAgent } from './voice_agent.mjs';

describe('POST token', () => {
  const agent = voiceAgent();

  test('gives a short-lived key of the voice service, and keeps the session for half an hour', async () => {
    const before = Math.floor(Date.now() / 1000);
    const response = await agent.send('POST', 'token');
    assert.equal(response.status, 200);
    const token = await response.json();
    assert.equal(token.success, true);
    assert.match(token.token, /^ek_/);
    assert.equal(token.model, 'gpt-realtime-2.1');
    assert.match(token.calls_url, /\/v1\/realtime\/calls$/);
    const [kept] = await agent.kept('SESSIONS', `token/${token.session_id}`);
    assert.ok(kept.expiration >= before + 1800 && kept.expiration <= Math.ceil(Date.now() / 1000) + 1800);
    assert.ok(!JSON.stringify(kept).includes(token.token), 'the key itself is not kept in KV');
    const [request] = await agent.control('log');
    const { body } = request;
    assert.deepEqual(body.expires_after, { anchor: 'created_at', seconds: 60 });
    assert.equal(body.session.model, 'gpt-realtime-2.1');
    assert.match(request.headers['openai-safety-identifier'], /^[0-9a-f]{64}$/);
  });

  test('gives the same key to a request that is sent twice', async () => {
    const init = { from: agent.client(), headers: { 'Idempotency-Key': randomUUID() } };
    const [first, second] = [
      await (await agent.send('POST', 'token', init)).json(),
      await (await agent.send('POST', 'token', init)).json(),
    ];
    assert.equal(first.token, second.token);
    const other = await agent.send('POST', 'token', { ...init, from: agent.client() });
    assert.notEqual((await other.json()).token, first.token);
  });
});

describe('POST token that is sent again', () => {
  const agent = voiceAgent({ vars: { CALLS_A_MINUTE: 1 } });

  test('uses up no quota', async () => {
    const init = { from: agent.client(), headers: { 'Idempotency-Key': randomUUID() } };
    for (let times = 0; times < 3; times += 1) {
      assert.equal((await agent.send('POST', 'token', init)).status, 200);
    }
    assert.equal((await agent.send('POST', 'token', { from: init.from })).status, 429);
  });
});

describe('with Live', () => {
  const agent = voiceAgent({ vars: { VOICE_API: 'live' } });

  test('there are no tokens, and the problem names the other way', async () => {
    const problem = await assertProblem(await agent.send('POST', 'token'), 404, 'not-found');
    assert.match(problem.detail, /POST sdp/);
    const config = await (await agent.send('GET', 'rtc-config')).json();
    assert.equal(config.api, 'live');
  });
});

describe('POST chat', () => {
  const agent = voiceAgent();
  const hello = [{ role: 'user', text: 'Hello' }];

  test('passes the answer on as it is written', async () => {
    const response = await agent.chat(hello);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('Content-Type'), 'text/event-stream; charset=utf-8');
    const text = await response.text();
    assert.match(text, /response\.output_text\.delta/);
    assert.match(text, /response\.completed/);
    const [request] = await agent.control('log');
    const { body } = request;
    assert.equal(body.model, 'gpt-6-luna');
    assert.equal(body.stream, true);
    assert.equal(body.store, false);
  });

  test('is cancelled at the voice service when the client leaves', async () => {
    await agent.control('reset', {});
    await agent.control('chat', { hold: true });
    // A connection of its own, which can be cut.
    const controller = new AbortController();
    const response = await fetch(new URL('/api/voice-agent/chat', agent.worker.url), {
      method: 'POST',
      body: JSON.stringify({ messages: hello }),
      headers: { 'Content-Type': 'application/json', 'CF-Connecting-IP': agent.client() },
      signal: controller.signal,
    });
    // The stream is held after its first part. How many events arrive together is up to the connection.
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ''; !text.includes('response.output_text.delta'); ) {
      const { value, done } = await reader.read();
      assert.ok(!done, `the stream ends without a part of the answer: ${text}`);
      text += value;
    }
    controller.abort();
    const [entry] = [await agent.control('log?wait=/v1/responses&aborted=1')].flat();
    assert.equal(entry.aborted, true);
    await agent.control('reset', {});
  });

  for (const [name, body, status, slug] of [
    ['no JSON', 'hello', 400, 'bad-request'],
    ['no messages', '{}', 400, 'bad-request'],
    ['an unknown member', '{"messages":[],"model":"gpt-6-astra"}', 400, 'bad-request'],
    ['an unknown role', '{"messages":[{"role":"system","text":"x"}]}', 400, 'bad-request'],
    ['an empty list', '{"messages":[]}', 422, 'unprocessable'],
    ['an empty message', '{"messages":[{"role":"user","text":" "}]}', 422, 'unprocessable'],
    ['an answer at the end', '{"messages":[{"role":"assistant","text":"x"}]}', 422, 'unprocessable'],
    [
      'too many messages',
      JSON.stringify({ messages: Array.from({ length: 41 }, () => hello[0]) }),
      422,
      'unprocessable',
    ],
    [
      'too long a message',
      JSON.stringify({ messages: [{ role: 'user', text: 'x'.repeat(33_000) }] }),
      413,
      'too-large',
    ],
  ]) {
    test(`refuses ${name}, and asks the voice service nothing`, async () => {
      await agent.control('reset', {});
      const init = { body, headers: { 'Content-Type': 'application/json' } };
      await assertProblem(await agent.send('POST', 'chat', init), status, slug);
      assert.deepEqual(await agent.control('log'), []);
    });
  }

  test('refuses other media types', async () => {
    const init = { body: '{}', headers: { 'Content-Type': 'text/plain' } };
    await assertProblem(await agent.send('POST', 'chat', init), 415, 'unsupported-media-type');
  });
});

describe('GET rtc-config', () => {
  const turn = { urls: ['turns:turn.example:443?transport=tcp'], username: 'a', credential: 'b' };
  const agent = voiceAgent({
    vars: { ICE_SERVERS: [turn], REGION_BASE_URLS: undefined },
    miniflare: { cf: true },
  });

  test('names the endpoint, the region and the servers of the configuration', async () => {
    const cf = { colo: 'AMS', continent: 'EU' };
    const response = await agent.worker.dispatchFetch(`${SITE}/api/voice-agent/rtc-config`, { cf });
    const config = await response.json();
    assert.equal(config.success, true);
    assert.equal(config.endpoint, '/api/voice-agent/sdp');
    assert.equal(config.region, 'EU');
    assert.equal(config.colo, 'AMS');
    assert.deepEqual(config.iceServers, [turn]);
    assert.deepEqual(config.rtcConfiguration.iceServers, [turn]);
    assert.equal(response.headers.get('X-Worker-Region'), 'AMS');
  });
});

describe('regions of the voice service', () => {
  test('are chosen by the continent of the client', async (t) => {
    const { VoiceAgent } = await import('./voice_agent.mjs');
    const other = await VoiceAgent.start();
    t.after(() => other.stop());
    const agent = await VoiceAgent.start({ vars: { REGION_BASE_URLS: { EU: other.stub.url } } });
    t.after(() => agent.stop());
    for (const [continent, expected] of [['EU', other], ['NA', agent], [undefined, agent]]) {
      await Promise.all([agent, other].map((one) => one.control('reset', {})));
      const response = await agent.send('POST', 'token', { cf: { continent } });
      assert.equal(response.status, 200);
      for (const one of [agent, other]) {
        assert.equal((await one.control('log')).length, one === expected ? 1 : 0, continent);
      }
    }
  });
});

describe('GET metrics', () => {
  const agent = voiceAgent();

  test('needs the token of operators', async () => {
    for (const sent of [undefined, 'Bearer', 'Bearer x', `Basic ${METRICS_TOKEN}`, METRICS_TOKEN]) {
      const headers = sent === undefined ? {} : { Authorization: sent };
      const response = await agent.send('GET', 'metrics', { headers });
      assert.equal(response.headers.get('WWW-Authenticate'), 'Bearer');
      await assertProblem(response, 401, 'unauthorized');
    }
  });

  test('counts requests, calls, and operations on KV with what they cost', async () => {
    await agent.open();
    await agent.send('POST', 'token');
    await agent.send('GET', 'nothing');
    assert.equal(await agent.metric('voice_requests_total{endpoint="sdp",status="201"}'), 1);
    assert.equal(await agent.metric('voice_requests_total{endpoint="none",status="404"}'), 1);
    assert.equal(await agent.metric('voice_sessions_opened_total{api="realtime"}'), 1);
    assert.equal(await agent.metric('voice_sessions_open'), 1);
    const writes = await agent.metric('voice_kv_operations_total{namespace="SESSIONS",operation="write"}');
    assert.equal(writes, 1);
    assert.ok((await agent.metric('voice_kv_cost_usd_total{operation="write"}')) >= 5e-6);
  });

  test('are text that Prometheus reads', async () => {
    const response = await agent.operate('GET', 'metrics');
    assert.equal(response.headers.get('Content-Type'), 'text/plain; version=0.0.4; charset=utf-8');
    const series = /^[a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*\})? [0-9.e+-]+$/;
    const lines = (await response.text()).trimEnd().split('\n');
    assert.ok(lines.length > 40);
    for (const line of lines) assert.match(line, line.startsWith('#') ? /^# (HELP|TYPE) [a-z_]+ ./ : series);
  });
});

describe('without a token of operators', () => {
  const agent = voiceAgent({ vars: { METRICS_TOKEN: undefined } });

  test('nobody reads the metrics', async () => {
    for (const sent of ['Bearer ', 'Bearer undefined', 'Bearer x']) {
      const response = await agent.send('GET', 'metrics', { headers: { Authorization: sent } });
      await assertProblem(response, 503, 'not-configured');
    }
  });
});

describe('every endpoint', () => {
  const agent = voiceAgent();

  test('refuses other methods, and names its own', async () => {
    for (const [method, endpoint, allowed] of [
      ['GET', 'sdp', 'POST'],
      ['PUT', 'token', 'POST'],
      ['GET', 'chat', 'POST'],
      ['GET', 'audio', 'POST'],
      ['POST', 'rtc-config', 'GET, HEAD'],
      ['DELETE', 'health', 'GET, HEAD'],
      ['POST', 'metrics', 'GET, HEAD'],
      ['GET', 'cache', 'DELETE'],
      ['PATCH', `session/${'0'.repeat(64)}`, 'GET, HEAD, DELETE'],
      ['OPTIONS', 'sdp', 'POST'],
    ]) {
      const response = await agent.send(method, endpoint);
      assert.equal(response.headers.get('Allow'), allowed, `${method} ${endpoint}`);
      await assertProblem(response, 405, 'method-not-allowed');
    }
  });

  test('refuses compressed bodies, which it would not understand', async () => {
    for (const endpoint of ['sdp', 'token', 'chat', 'audio']) {
      const headers = { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' };
      const response = await agent.send('POST', endpoint, { headers, body: 'x' });
      assert.equal(response.headers.get('Accept-Encoding'), 'identity');
      await assertProblem(response, 415, 'unsupported-media-type');
    }
  });

  test('answers HEAD as GET without content', async () => {
    for (const endpoint of ['rtc-config', 'health']) {
      const response = await agent.send('HEAD', endpoint);
      assert.equal(response.status, 200);
      assert.equal(await response.text(), '');
      assert.equal(response.headers.get('Content-Type'), 'application/json');
    }
  });

  test('has a name for each request, and says where and how long it was answered', async () => {
    const ids = new Set();
    for (const endpoint of ['rtc-config', 'health', 'nothing', 'session/x']) {
      const response = await agent.send('GET', endpoint);
      ids.add(response.headers.get('X-Request-Id'));
      assert.match(response.headers.get('Server-Timing'), /^worker;dur=\d+, upstream;dur=\d+$/);
      assert.match(response.headers.get('X-Worker-Duration'), /^\d+$/);
      assert.ok(response.headers.get('X-Worker-Region'));
    }
    assert.equal(ids.size, 4);
  });

  test('is found by one spelling', async () => {
    for (const path of ['/api', '/api/', '/api/voice-agent', '/api/voice-agent/', '/api/voice-agent/health/', '/api/voice-agent/Health']) {
      await assertProblem(await agent.worker.dispatchFetch(SITE + path), 404, 'not-found');
    }
    assert.equal((await agent.worker.dispatchFetch(`${SITE}/x/../api/voice-agent/rtc-config`)).status, 200);
  });
});
