// Limits on the number of requests of a client.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertProblem, voiceAgent } from './voice_agent.mjs';

/** Sends requests at once, and returns the statuses with their numbers. */
async function statuses(requests) {
  const responses = await Promise.all(requests);
  const counts = {};
  for (const { status } of responses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

const times = (number, make) => Array.from({ length: number }, (_, index) => make(index));

describe('a client', () => {
  const agent = voiceAgent();

  test('gets exactly ten of fifty tokens that it asks for at once', async () => {
    const from = agent.client();
    assert.deepEqual(await statuses(times(50, () => agent.send('POST', 'token', { from }))), { 200: 10, 429: 40 });
  });

  test('opens exactly ten of fifty calls that it asks for at once', async () => {
    const from = agent.client();
    assert.deepEqual(await statuses(times(50, () => agent.offer({ from }))), { 201: 10, 429: 40 });
  });

  test('has one quota for both ways into a call', async () => {
    const from = agent.client();
    const both = times(20, (index) => (index % 2 === 0 ? agent.offer({ from }) : agent.send('POST', 'token', { from })));
    const counts = await statuses(both);
    assert.equal(counts[429], 10, JSON.stringify(counts));
  });

  test('learns what is left, and how long to wait', async () => {
    const from = agent.client();
    for (let left = 9; left >= 0; left -= 1) {
      const response = await agent.send('POST', 'token', { from });
      assert.equal(response.headers.get('RateLimit-Policy'), '"calls";q=10;w=60');
      assert.match(response.headers.get('RateLimit'), new RegExp(`^"calls";r=${left};t=(60|[1-5]?\\d)$`));
    }
    const refused = await agent.send('POST', 'token', { from });
    assert.match(refused.headers.get('RateLimit'), /^"calls";r=0;t=\d+$/);
    const seconds = Number(refused.headers.get('Retry-After'));
    assert.ok(seconds >= 1 && seconds <= 60, seconds);
    await assertProblem(refused, 429, 'too-many-requests');
  });

  test('is a network: 64 bits of IPv6, and an address of IPv4 in each spelling', async () => {
    const spellings = [
      (index) => `2001:db8:1:2::${index}`,
      (index) => (index % 2 === 0 ? '198.51.100.7' : '::ffff:198.51.100.7'),
    ];
    for (const from of spellings) {
      const counts = await statuses(times(12, (index) => agent.send('POST', 'token', { from: from(index) })));
      assert.deepEqual(counts, { 200: 10, 429: 2 });
    }
    for (const from of ['2001:db8:1:3::1', '198.51.100.8', 'nonsense']) {
      assert.equal((await agent.send('POST', 'token', { from })).status, 200, from);
    }
  });

  test('has a quota for the chat beside that for calls', async () => {
    const from = agent.client();
    const chats = times(30, () => agent.chat([{ role: 'user', text: 'Hello' }], { from }));
    const responses = await Promise.all(chats);
    assert.equal(responses.filter(({ status }) => status === 200).length, 20);
    await Promise.all(responses.map((response) => response.text()));
    assert.equal((await agent.send('POST', 'token', { from })).status, 200);
  });

  test('that is refused is kept for people to look at', async () => {
    const from = agent.client();
    await Promise.all(times(11, () => agent.send('POST', 'token', { from })));
    assert.ok((await agent.metric('voice_rate_limited_total{limiter="object"}')) >= 1);
    const kept = await agent.kept('RATE_LIMITS');
    assert.ok(kept.length >= 1);
    assert.equal(kept[0].value.kind, 'rate-limited');
    assert.ok(!JSON.stringify(kept).includes(from), 'without its address');
  });
});

describe('the rate-limit binding', () => {
  const agent = voiceAgent({ vars: { CALLS_A_MINUTE: 1000 } });

  test('refuses before the Durable Object is asked', async () => {
    const from = agent.client();
    // Its windows begin with the minutes of the clock, so that two of them may count these.
    const counts = await statuses(times(130, () => agent.send('POST', 'token', { from })));
    assert.ok(counts[429] >= 10, JSON.stringify(counts));
    assert.ok((await agent.metric('voice_rate_limited_total{limiter="edge"}')) >= 10);
    assert.equal(await agent.metric('voice_rate_limited_total{limiter="object"}'), 0);
  });
});

describe('without the rate-limit binding', () => {
  const agent = voiceAgent({ without: ['VOICE_LIMITER'] });

  test('the Durable Object still counts exactly', async () => {
    const from = agent.client();
    assert.deepEqual(await statuses(times(50, () => agent.send('POST', 'token', { from }))), { 200: 10, 429: 40 });
  });
});
