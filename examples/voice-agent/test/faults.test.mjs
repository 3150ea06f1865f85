// What clients, `health` and the log learn when a part of the whole fails.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { STUB_KEY } from '../dev/worker.mjs';
import { VoiceAgent, assertProblem, voiceAgent } from './voice_agent.mjs';

const hello = [{ role: 'user', text: 'Hello' }];

for (const api of ['realtime', 'live']) {
  describe(`the voice service with ${api}`, () => {
    const agent = voiceAgent({ vars: { VOICE_API: api } });

    for (const [mode, status, slug] of [
      ['down', 502, 'upstream-failed'],
      ['500', 502, 'upstream-failed'],
      ['401', 502, 'upstream-refused'],
      ['429', 503, 'upstream-exhausted'],
      ['400', 422, 'unprocessable'],
      ['empty-error', 502, 'upstream-failed'],
      ['empty', 502, 'upstream-failed'],
      ['html', 502, 'upstream-failed'],
      ['changed-schema', 502, 'upstream-failed'],
    ]) {
      test(`that is ${mode} makes a call a problem with status ${status}`, async () => {
        await agent.control('reset', {});
        await agent.mode(mode);
        await assertProblem(await agent.offer(), status, slug);
        await agent.control('reset', {});
        assert.equal((await agent.offer()).status, 201, 'the next one works');
      });

      // The chat is passed on unread, so it can only be wrong before it begins.
      if (!['changed-schema', 'empty'].includes(mode)) {
        test(`that is ${mode} makes a chat a problem with status ${status}`, async () => {
          await agent.control('reset', {});
          await agent.mode(mode);
          await assertProblem(await agent.chat(hello), status, slug);
          await agent.control('reset', {});
        });
      }
    }

    test('that refuses the key again is asked again by a request that is sent twice', async () => {
      const from = agent.client();
      const headers = { 'Idempotency-Key': 'a-key-of-16-chars-at-least' };
      await agent.mode('500');
      await assertProblem(await agent.offer({ from, headers }), 502, 'upstream-failed');
      await agent.control('reset', {});
      assert.equal((await agent.offer({ from, headers })).status, 201);
    });

    test('that fails to end a call is told again', async () => {
      await agent.control('reset', {});
      const id = await agent.open();
      const call = (await agent.control('calls')).at(-1);
      if (api === 'live') return;
      await agent.mode('500', { path: `/v1/realtime/calls/${call.id}/hangup` });
      await assertProblem(await agent.send('DELETE', `session/${id}`), 502, 'upstream-failed');
      assert.equal((await agent.session(id)).state, 'ending');
      await agent.control('mode', { mode: 'ok' });
      assert.equal((await agent.send('DELETE', `session/${id}`)).status, 204);
      assert.equal((await agent.session(id)).state, 'ended');
    });
  });
}

describe('the voice service that never answers', () => {
  const agent = voiceAgent({ vars: { UPSTREAM_TIMEOUT_MS: 50 } });

  test('makes calls and chats a problem with status 504', async () => {
    await agent.mode('slow', { delay_ms: 3_600_000 });
    for (const response of [await agent.offer(), await agent.chat(hello)]) {
      await assertProblem(response, 504, 'upstream-timeout');
    }
  });
});

describe('health', () => {
  const healthOf = async (agent) => {
    const response = await agent.send('GET', 'health');
    return { status: response.status, ...(await response.json()), http: response.status };
  };

  test('is ok when every part is, and asks the voice service once in five minutes', async (t) => {
    const agent = await VoiceAgent.start();
    t.after(() => agent.stop());
    for (let times = 0; times < 3; times += 1) {
      const health = await healthOf(agent);
      assert.equal(health.http, 200, JSON.stringify(health));
      assert.deepEqual(new Set(Object.values(health.parts)), new Set(['ok']));
    }
    assert.equal((await agent.control('log')).length, 1);
    assert.equal(await agent.metric('voice_cache_hits_total'), 2);
    assert.equal(await agent.metric('voice_cache_misses_total'), 1);
  });

  for (const [name, options, part, value] of [
    ['a missing key', { vars: { OPENAI_API_KEY: undefined } }, 'key', 'missing'],
    ['a wrong key', { vars: { OPENAI_API_KEY: 'sk-wrong' } }, 'key', 'refused'],
    ['a voice service that cannot be reached', { vars: { OPENAI_BASE_URL: 'http://127.0.0.1:9' } }, 'upstream', 'unreachable'],
    ['missing Durable Objects', { without: ['VOICE_SESSIONS'] }, 'durable_objects', 'missing'],
  ]) {
    test(`is down with ${name}, and calls are a problem`, async (t) => {
      const agent = await VoiceAgent.start(options);
      t.after(() => agent.stop());
      const health = await healthOf(agent);
      assert.equal(health.http, 503);
      assert.equal(health.parts[part], value);
      const response = await agent.offer();
      assert.ok(response.status >= 500);
      const text = await response.text();
      assert.ok(!text.includes(STUB_KEY) && !text.includes('sk-wrong'), text);
      assert.equal((await agent.worker.dispatchFetch('https://second-chair.example/')).status, 200);
    });
  }

  for (const [binding, part] of [
    ['SESSIONS', 'sessions'],
    ['RATE_LIMITS', 'rate_limits'],
    ['PERFORMANCE_LOGS', 'performance_logs'],
    ['VOICE_CACHE', 'voice_cache'],
    ['VOICE_LIMITER', 'edge_limiter'],
  ]) {
    test(`is degraded without ${binding}, and calls work`, async (t) => {
      const agent = await VoiceAgent.start({ without: [binding] });
      t.after(() => agent.stop());
      const health = await healthOf(agent);
      assert.equal(health.http, 200);
      assert.equal(health.status === 200 || health.parts[part], health.parts[part]);
      assert.equal(health.parts[part], 'missing');
      assert.equal((await agent.offer()).status, 201);
      await agent.mode('500');
      assert.equal((await agent.offer()).status, 502);
    });
  }

  test('warns of models that end soon, have ended, or are unknown', async (t) => {
    const soon = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
    for (const [model, expected] of [
      [{ id: 'gpt-realtime-2.1', shutdown_date: soon }, /^ends on \d{4}-\d\d-\d\d, in (20|21) days$/],
      [{ id: 'gpt-realtime-2.1', shutdown_date: '2026-01-01' }, /^ended on 2026-01-01$/],
      [{ id: 'another' }, /no such model/],
    ]) {
      const agent = await VoiceAgent.start();
      t.after(() => agent.stop());
      await agent.control('models', { data: [model, { id: 'gpt-transcribe' }, { id: 'gpt-6-luna' }] });
      const health = await healthOf(agent);
      assert.equal(health.status === 'degraded' || health.http === 200, true);
      assert.match(health.models[0].warning, expected);
      assert.equal(health.models[1].warning, null);
    }
  });

  test('names the variables that cannot be read, and so do the endpoints', async (t) => {
    const agent = await VoiceAgent.start({
      vars: { SESSION_MINUTES: 'soon', ICE_SERVERS: '{', VOICE_API: 'other', ALLOWED_ORIGINS: 'x', PRICES: { x: 1 } },
    });
    t.after(() => agent.stop());
    const health = await healthOf(agent);
    assert.equal(health.http, 503);
    assert.equal(health.faults.length, 5, health.faults.join('\n'));
    const problem = await assertProblem(await agent.offer(), 503, 'not-configured');
    for (const name of ['SESSION_MINUTES', 'ICE_SERVERS', 'VOICE_API', 'ALLOWED_ORIGINS', 'PRICES']) {
      assert.ok(problem.detail.includes(name), problem.detail);
    }
  });
});

describe('a key', () => {
  for (const [name, key, works] of [
    ['with space around it', ` ${STUB_KEY}\n`, true],
    ['with a line break in it', `${STUB_KEY}\nX: y`, false],
  ]) {
    test(`${name} ${works ? 'works' : 'is named, and not repeated'}`, async (t) => {
      const agent = await VoiceAgent.start({ vars: { OPENAI_API_KEY: key } });
      t.after(() => agent.stop());
      const response = await agent.offer();
      if (works) return assert.equal(response.status, 201);
      const problem = await assertProblem(response, 503, 'not-configured');
      assert.match(problem.detail, /`OPENAI_API_KEY` contains characters/);
    });
  }
});

describe('a request', () => {
  const agent = voiceAgent({ vars: { SLOW_REQUEST_MS: 0 } });

  test('that fails is kept for a day, without secrets', async () => {
    const from = agent.client();
    await agent.mode('500');
    const response = await agent.offer({ from });
    const id = response.headers.get('X-Request-Id');
    await response.text();
    await agent.control('reset', {});
    const before = Date.now() / 1000;
    let kept;
    for (let tries = 0; kept === undefined && tries < 1_000; tries += 1) {
      kept = (await agent.kept('PERFORMANCE_LOGS')).find(({ name }) => name.endsWith(id));
    }
    assert.equal(kept.value.kind, 'failed');
    assert.equal(kept.value.status, 502);
    assert.equal(kept.value.path, '/api/voice-agent/sdp');
    assert.ok(kept.expiration > before + 86_000 && kept.expiration < before + 86_500);
    assert.ok(!JSON.stringify(kept).includes(from));
  });

  test('that is slow is kept too, without the name of its session', async () => {
    await agent.control('reset', {});
    await agent.mode('slow', { delay_ms: 20, path: '/v1/realtime/calls' });
    const id = await agent.open();
    await agent.control('reset', {});
    let kept = [];
    for (let tries = 0; kept.length === 0 && tries < 1_000; tries += 1) {
      kept = (await agent.kept('PERFORMANCE_LOGS')).filter(({ value }) => value.kind === 'slow');
    }
    assert.ok(kept[0].value.duration_ms > 0);
    assert.ok(kept[0].value.upstream_ms > 0);
    assert.ok(!JSON.stringify(await agent.kept('PERFORMANCE_LOGS')).includes(id));
  });
});
