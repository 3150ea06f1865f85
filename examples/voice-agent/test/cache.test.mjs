// The voice cache.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertProblem, voiceAgent } from './voice_agent.mjs';

describe('the voice cache', () => {
  const agent = voiceAgent();

  test('keeps a response for five minutes', async () => {
    const before = Date.now() / 1000;
    await agent.send('GET', 'health');
    const [kept] = await agent.kept('VOICE_CACHE', 'models/');
    assert.ok(kept.expiration >= Math.floor(before) + 300 && kept.expiration <= Date.now() / 1000 + 301);
  });

  test('is invalidated by prefix, beyond the thousand keys of a page', async () => {
    const kv = await agent.worker.getKVNamespace('VOICE_CACHE');
    const put = (name) => kv.put(name, '1');
    await Promise.all(Array.from({ length: 2_050 }, (_, index) => put(`answers/${index}`)));
    await put('other/1');
    const response = await agent.operate('DELETE', 'cache?prefix=answers/');
    assert.equal(response.status, 200);
    const { cost_usd, ...done } = await response.json();
    assert.deepEqual(done, { success: true, deleted: 2_050, complete: true, operations: { list: 3, delete: 2_050 } });
    assert.ok(Math.abs(cost_usd - (3 + 2_050) * 5e-6) < 1e-9, cost_usd);
    assert.deepEqual((await kv.list({ prefix: 'answers/' })).keys, []);
    assert.equal((await kv.list({ prefix: 'other/' })).keys.length, 1);
    const deleted = 'voice_kv_operations_total{namespace="VOICE_CACHE",operation="delete"}';
    assert.equal(await agent.metric(deleted), 2_050);
  });

  test('is invalidated by operators alone, who name what', async () => {
    await assertProblem(await agent.send('DELETE', 'cache?prefix=models/'), 401, 'unauthorized');
    await assertProblem(await agent.operate('DELETE', 'cache'), 400, 'bad-request');
    await assertProblem(await agent.operate('DELETE', 'cache?prefix='), 400, 'bad-request');
  });
});
