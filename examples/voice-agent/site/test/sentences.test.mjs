import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problems } from '../src/data/problems.ts';
import { localTime, VoiceAgentApi } from '../src/voice/api.ts';
import { LatencyWatch, roundTripOf } from '../src/voice/latency.ts';
import { levelOf, stepsOf } from '../src/voice/meter.ts';
import { adviceOn, obstacleOf } from '../src/voice/microphone.ts';
import { knownSlugs, mayPass, problemOf, retryAfter, sentenceOf } from '../src/voice/problem.ts';
import { FakeClock } from './fake-clock.mjs';
import { problem } from './fake-peer.mjs';

test('problems that the page explains and problems that the client knows are the same', () => {
  assert.deepEqual(problems.map(({ slug }) => slug).toSorted(), knownSlugs.toSorted());
});

test('a problem becomes a sentence, with the time to wait if there is one', async () => {
  const limited = await problemOf(problem(429, 'too-many-requests', { 'Retry-After': '42' }));
  assert.deepEqual(limited, { slug: 'too-many-requests', status: 429, detail: 'why', instance: 'request-1', retryAfterSeconds: 42 });
  assert.match(sentenceOf({ kind: 'problem', problem: limited }), /many rehearsals.*in 42 seconds\.$/);
  const failed = await problemOf(problem(502, 'upstream-failed'));
  assert.equal(sentenceOf({ kind: 'problem', problem: failed }), 'The voice service has a fault at the moment.');
});

test('an error that is not problem JSON still has a sentence', async () => {
  for (const body of ['<html>', '', 'null', '[]', '{"type":5}']) {
    const read = await problemOf(new Response(body, { status: 418, headers: { 'X-Request-Id': 'request-2' } }));
    assert.deepEqual([read.slug, read.instance], ['', 'request-2']);
    assert.equal(sentenceOf({ kind: 'problem', problem: read }), 'The server answered with status 418.');
  }
});

test('Retry-After is read as seconds and as a date', () => {
  const now = Date.parse('Tue, 24 Nov 2026 10:00:00 GMT');
  assert.equal(retryAfter('7'), 7);
  assert.equal(retryAfter('Tue, 24 Nov 2026 10:00:30 GMT', now), 30);
  assert.equal(retryAfter('Tue, 24 Nov 2026 09:00:00 GMT', now), 0);
  assert.equal(retryAfter('soon'), null);
  assert.equal(retryAfter(null), null);
});

test('only what may pass is tried again', async () => {
  const passes = async (status, slug) => mayPass({ kind: 'problem', problem: await problemOf(problem(status, slug)) });
  assert.deepEqual([await passes(502, 'upstream-failed'), await passes(429, 'too-many-requests'), await passes(504, 'upstream-timeout')], [true, true, true]);
  assert.deepEqual([await passes(502, 'upstream-refused'), await passes(503, 'not-configured'), await passes(403, 'forbidden-origin')], [false, false, false]);
  assert.equal(mayPass({ kind: 'network' }), true);
});

test('health without a key or an upstream means that speaking is impossible', async () => {
  const health = (body, status = 200) => new VoiceAgentApi(async () => new Response(body, { status })).health();
  assert.equal(await health('{"status":"ok","parts":{"key":"ok","upstream":"ok"}}'), 'ok');
  assert.equal(await health('{"status":"degraded","parts":{"key":"ok","upstream":"ok","voice_cache":"missing"}}'), 'degraded');
  assert.equal(await health('{"status":"down","parts":{"key":"missing","upstream":"ok"}}', 503), 'no-voice');
  assert.equal(await health('{"status":"down","parts":{"key":"ok","upstream":"refused"}}', 503), 'no-voice');
  assert.equal(await health('<html>', 502), 'ok');
});

test('the end of a call is converted to a clock that is wrong', () => {
  const now = Date.parse('Tue, 24 Nov 2026 10:10:00 GMT');
  assert.equal(localTime('1000', 'Tue, 24 Nov 2026 10:00:00 GMT', now), 1000 + 600_000);
  assert.equal(localTime('1000', 'Tue, 24 Nov 2026 10:09:58 GMT', now), 1000);
  assert.equal(localTime('1000', null, now), 1000);
  assert.equal(localTime(null, null, now), null);
  assert.equal(localTime('soon', null, now), null);
});

test('each error of the microphone has its own sentence and remedy', () => {
  const named = (name) => Object.assign(new Error(), { name });
  const obstacles = ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'TypeError'].map((name) => obstacleOf(named(name)));
  assert.deepEqual(obstacles, ['denied', 'no-device', 'busy', 'unsupported']);
  const sentences = ['unknown', 'prompt', 'granted', 'insecure', ...obstacles].map((state) => adviceOn(state).sentence);
  assert.equal(new Set(sentences).size, sentences.length);
});

test('a level is 0 for silence, 1 for full scale, and in between in decibels', () => {
  assert.equal(levelOf([]), 0);
  assert.equal(levelOf([0, 0]), 0);
  assert.equal(levelOf([1, -1]), 1);
  assert.ok(Math.abs(levelOf([0.0316, -0.0316]) - 0.5) < 0.001);
  assert.equal(levelOf([0.0001]), 0);
  assert.deepEqual([stepsOf(0, 12), stepsOf(0.01, 12), stepsOf(1, 12)], [0, 1, 12]);
});

test('the wait for the agent counts from the end of speech to its first sound or word', async () => {
  const clock = new FakeClock();
  const watch = new LatencyWatch(clock);
  for (const wait of [400, 900, 500]) {
    watch.take({ type: 'userSpeaking', phase: 'stopped' });
    await clock.advance(wait);
    watch.take({ type: 'agentTranscript', part: 'delta', text: 'I' });
    await clock.advance(100);
    watch.take({ type: 'agentSpeaking', phase: 'started' });
  }
  assert.deepEqual(watch.waits, { last: 500, median: 500, count: 3 });
});

test('the wait in the Live API counts from the last word of the user', async () => {
  const clock = new FakeClock();
  const watch = new LatencyWatch(clock);
  for (const word of ['Good ', 'morning.']) {
    watch.take({ type: 'userTranscript', part: 'delta', text: word });
    await clock.advance(300);
  }
  watch.take({ type: 'agentTranscript', part: 'delta', text: 'I' });
  assert.deepEqual(watch.waits, { last: 300, median: 300, count: 1 });
});

test('the round trip comes from the pair of candidates in use', () => {
  const pairs = [{ type: 'codec' }, { type: 'candidate-pair', currentRoundTripTime: 1 }, { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.0124 }];
  assert.equal(roundTripOf(pairs), 12);
  assert.equal(roundTripOf([]), null);
});
