// Detection of speech, and the agent that it drives, with packets of a given level.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Conversation, Echo } from './agent.mjs';
import { SpeechDetector } from './speech.mjs';

const VOICE = 30;
const QUIET = 127;

/** Returns `count` packets of a level, whose payloads are numbered. */
function packets(count, level, first = 0) {
  return Array.from({ length: count }, (_, index) => {
    return { level, payload: Buffer.from([(first + index) % 256]) };
  });
}

/** Gives packets to a detector and returns the events, each with the number of its packet. */
function detect(detector, given, kind = 'turn') {
  return given.flatMap((packet, index) => {
    const found = detector.next(packet, kind);
    return found ? [{ ...found, at: index + 1 }] : [];
  });
}

/** Records what an agent does. */
class FakeCall {
  done = [];
  turn = null;
  speechStarted() {
    this.done.push('started');
    this.turn?.stop.abort();
    this.turn = null;
  }
  speechStopped(text) {
    this.done.push(text);
  }
  async say(text) {
    this.done.push(text);
    const stop = new AbortController();
    this.turn = { stop, signal: stop.signal };
    return this.turn;
  }
  finish() {
    this.done.push('finished');
    this.turn = null;
  }
}

test('silence is not speech', () => {
  assert.deepEqual(detect(new SpeechDetector(), packets(1_000, QUIET)), []);
});

test('an utterance begins with some voice and ends with a pause', () => {
  const [started, stopped, ...others] = detect(new SpeechDetector(), [
    ...packets(40, VOICE),
    ...packets(100, QUIET, 40),
  ]);
  assert.deepEqual([started.event, started.at, stopped.event, stopped.at], ['started', 6, 'stopped', 70]);
  assert.equal(stopped.utterance.length, 70);
  assert.deepEqual(others, []);
});

test('an endless sound is cut after five seconds', () => {
  const [, stopped] = detect(new SpeechDetector(), packets(300, VOICE));
  assert.equal(stopped.utterance.length, 250);
});

test('an interruption takes more voice than a turn', () => {
  const cough = [...packets(15, VOICE), ...packets(15, QUIET)];
  assert.deepEqual(detect(new SpeechDetector(), cough, 'interruption'), []);
  const [started] = detect(new SpeechDetector(), packets(30, VOICE), 'interruption');
  assert.equal(started.at, 18);
});

test('the agent answers an utterance with its packets', async () => {
  const call = new FakeCall();
  const agent = new Conversation(call);
  for (const packet of [...packets(40, VOICE), ...packets(29, QUIET, 40)]) {
    assert.equal(agent.packet(packet), null);
  }
  const sent = packets(71, QUIET, 69).map((packet) => agent.packet(packet)?.[0]);
  assert.deepEqual(sent, [...Array.from({ length: 70 }, (_, index) => index), undefined]);
  await new Promise(setImmediate);
  assert.deepEqual(call.done, [
    'started',
    '… (1.4 seconds of speech)',
    'You spoke for 1.4 seconds, and this is what I heard.',
    'finished',
  ]);
});

test('the agent falls silent when the user interrupts', async () => {
  const call = new FakeCall();
  const agent = new Conversation(call);
  for (const packet of [...packets(40, VOICE), ...packets(30, QUIET)]) agent.packet(packet);
  await new Promise(setImmediate);
  for (const packet of packets(25, VOICE)) agent.packet(packet);
  await new Promise(setImmediate);
  assert.equal(agent.packet({ level: VOICE, payload: Buffer.of(1) }), null);
  assert.equal(call.done.filter((done) => done === 'started').length, 2);
  assert.ok(!call.done.includes('finished'));
});

test('an echo sends every packet back, unless the user is muted', () => {
  const call = { muted: false };
  const echo = new Echo(call);
  const [packet] = packets(1, QUIET);
  assert.equal(echo.packet(packet), packet.payload);
  call.muted = true;
  assert.equal(echo.packet(packet), null);
});
