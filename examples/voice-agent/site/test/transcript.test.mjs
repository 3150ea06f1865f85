import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Transcript } from '../src/voice/transcript.ts';

const heard = (text, itemId = null) => ({ type: 'userTranscript', part: 'done', text, itemId });
const delta = (text) => ({ type: 'agentTranscript', part: 'delta', text });
const done = (text) => ({ type: 'agentTranscript', part: 'done', text });
const speech = (phase, itemId = null) => ({ type: 'userSpeaking', phase, itemId });

function after(...events) {
  const transcript = new Transcript();
  for (const event of events) transcript.apply(event);
  return transcript;
}
const lines = (transcript) => transcript.turns.map(({ speaker, text, state }) => `${speaker} ${state}: ${text}`);

test('deltas of the agent are merged into one turn, and its complete text replaces them', () => {
  assert.deepEqual(lines(after(delta('Why '), delta('now?'))), ['agent partial: Why now?']);
  assert.deepEqual(lines(after(delta('Why '), done('Why not now?'))), ['agent final: Why not now?']);
  assert.deepEqual(lines(after(done('Why now?'))), ['agent final: Why now?']);
});

test('a transcript that arrives after the reply has begun stands before the reply', () => {
  assert.deepEqual(lines(after(speech('started', 'i1'), speech('stopped', 'i1'), delta('I see.'), heard('We missed it.', 'i1'))), [
    'user final: We missed it.',
    'agent partial: I see.',
  ]);
  assert.deepEqual(lines(after(delta('I see.'), heard('We missed it.'))), ['user final: We missed it.', 'agent partial: I see.']);
});

test('a late transcript finds its turn by the id of the item', () => {
  const transcript = after(speech('started', 'i1'), delta('Go on.'), done('Go on.'), speech('started', 'i2'), heard('Second.', 'i2'), heard('First.', 'i1'));
  assert.deepEqual(lines(transcript), ['user final: First.', 'agent final: Go on.', 'user final: Second.']);
});

test('noise that was taken for speech leaves no turn', () => {
  assert.deepEqual(lines(after(speech('started'), speech('stopped'), heard(' '))), []);
  const transcript = after(speech('started'));
  transcript.settle();
  assert.deepEqual(lines(transcript), []);
});

test('speaking while the agent is audible interrupts its turn', () => {
  const audible = { type: 'agentSpeaking', phase: 'started' };
  const transcript = after(audible, delta('The board has'), speech('started'), done('The board has lost patience.'), { type: 'agentCancelled' });
  assert.deepEqual(lines(transcript)[0], 'agent interrupted: The board has');
  for (const event of [heard('Wait.'), delta('Yes?'), done('Yes?')]) transcript.apply(event);
  assert.deepEqual(lines(transcript), ['agent interrupted: The board has', 'user final: Wait.', 'agent final: Yes?']);
});

test('a turn that the user has already answered is not interrupted afterwards', () => {
  assert.deepEqual(lines(after(done('Ready?'), heard('Yes.'), { type: 'agentCancelled' })), ['agent final: Ready?', 'user final: Yes.']);
});

test('deltas of both sides in the Live API become alternating turns', () => {
  const user = (text) => ({ type: 'userTranscript', part: 'delta', text, itemId: null });
  const transcript = after(user('Good '), user('morning.'), delta('Sit '), delta('down.'), user('Thanks.'));
  assert.deepEqual(lines(transcript), ['user final: Good morning.', 'agent final: Sit down.', 'user partial: Thanks.']);
});

test('typed text and streamed replies join the same transcript', () => {
  const transcript = after(done('Ready?'));
  transcript.addTyped('Yes.');
  transcript.appendReply('Then ');
  transcript.appendReply('begin.');
  transcript.settle();
  assert.deepEqual(lines(transcript), ['agent final: Ready?', 'user final: Yes.', 'agent final: Then begin.']);
  assert.deepEqual(transcript.messages(), [
    { role: 'assistant', text: 'Ready?' },
    { role: 'user', text: 'Yes.' },
    { role: 'assistant', text: 'Then begin.' },
  ]);
});

test('messages keep within the limits of the API and end with the newest turn', () => {
  const many = new Transcript();
  for (let index = 0; index < 60; index++) many.addTyped(`turn ${index}`);
  assert.equal(many.messages().length, 40);
  assert.equal(many.messages().at(-1).text, 'turn 59');
  const long = new Transcript();
  for (let index = 0; index < 10; index++) long.addTyped('é'.repeat(4000));
  const body = new TextEncoder().encode(JSON.stringify({ messages: long.messages() }));
  assert.ok(body.length <= 32 * 1024 && long.messages().length === 3, `${body.length} bytes`);
});

test('a change makes a new list, and the list of before stays as it was', () => {
  const transcript = after(delta('One'));
  const before = transcript.turns;
  transcript.apply(delta(' two'));
  assert.equal(before[0].text, 'One');
  assert.notEqual(transcript.turns, before);
});
