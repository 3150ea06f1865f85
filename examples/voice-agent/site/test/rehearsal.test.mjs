import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { ConnectionPool } from '../src/voice/pool.ts';
import { Rehearsal } from '../src/voice/rehearsal.ts';
import { MicrophoneError } from '../src/voice/microphone.ts';
import { FakeClock, settled } from './fake-clock.mjs';
import { fakeMicrophone, FakePeer, FakeServer } from './fake-peer.mjs';

const scene = { slug: 'board', title: 'Board', counterpart: 'Ingrid Maas', office: 'chair', opening: 'I will play the CEO.' };
const plain = { ...scene, slug: '', opening: '' };

beforeEach(() => {
  FakePeer.all = [];
  FakePeer.refuses = false;
});

function rehearsalOf(server, { scene: what = plain, openMicrophone, pool, clock = new FakeClock() } = {}) {
  const microphone = fakeMicrophone();
  const setting = {
    api: server.api,
    clock,
    pool: pool ?? new ConnectionPool(clock),
    createPeer: (configuration) => new FakePeer(configuration),
    openMicrophone: openMicrophone ?? (async () => microphone),
    random: () => 1,
  };
  const states = [];
  const rehearsal = new Rehearsal(setting, what, ({ state }) => state !== states.at(-1) && states.push(state));
  return { rehearsal, states, clock, microphone, pool: setting.pool };
}

async function live(server, options) {
  const all = rehearsalOf(server, options);
  all.rehearsal.start('anew');
  await settled();
  assert.equal(all.rehearsal.snapshot.state, 'live');
  return { ...all, peer: FakePeer.all.at(-1) };
}

test('a rehearsal goes from idle to live, and ends when the user ends it', async () => {
  const { rehearsal, states } = await live(new FakeServer());
  assert.equal(rehearsal.snapshot.sessionId, 's1');
  rehearsal.end();
  assert.deepEqual(states, ['idle', 'connecting', 'live', 'ended']);
  assert.equal(rehearsal.snapshot.notice.sentence, 'You ended the rehearsal.');
});

test('a scene is told to the agent once the session is ready', async () => {
  const { rehearsal, peer } = await live(new FakeServer(), { scene });
  assert.deepEqual(peer.sent, []);
  peer.receive({ type: 'session.created' });
  assert.deepEqual(peer.sent.map(({ type }) => type), ['conversation.item.create', 'response.create']);
  assert.equal(peer.sent[0].item.content[0].text, scene.opening);
  assert.equal(rehearsal.snapshot.turns[0].text, scene.opening);
});

test('a new call for the same rehearsal is told the scene again, and asked for nothing', async () => {
  const { clock, peer } = await live(new FakeServer(), { scene });
  peer.receive({ type: 'session.created' });
  peer.receive({ type: 'response.output_audio_transcript.done', transcript: 'Why now?' });
  peer.turn('failed');
  await clock.advance(500);
  const next = FakePeer.all.at(-1);
  assert.notEqual(next, peer);
  next.receive({ type: 'session.created' });
  assert.deepEqual(next.sent.map(({ type }) => type), ['conversation.item.create']);
  assert.equal(next.sent[0].item.content[0].text, scene.opening);
});

test('the Live API cannot be told, so the user is asked to say it', async () => {
  const server = new FakeServer();
  server.voiceApi = 'live';
  const { rehearsal, peer } = await live(server, { scene });
  peer.receive({ type: 'session.started' });
  assert.deepEqual(peer.sent, []);
  assert.match(rehearsal.snapshot.notice.remedy, /I will play the CEO/);
  assert.deepEqual(rehearsal.snapshot.turns, [], 'it has not been said');
});

test('speaking while the agent speaks drops its audio', async () => {
  const { rehearsal, peer } = await live(new FakeServer());
  peer.receive({ type: 'input_audio_buffer.speech_started' });
  assert.deepEqual(peer.sent, []);
  peer.receive({ type: 'output_audio_buffer.started' });
  peer.receive({ type: 'response.output_audio_transcript.delta', delta: 'The board' });
  peer.receive({ type: 'input_audio_buffer.speech_started' });
  assert.deepEqual(peer.sent, [{ type: 'output_audio_buffer.clear' }]);
  assert.equal(rehearsal.snapshot.turns.find(({ speaker }) => speaker === 'agent').state, 'interrupted');
});

test('the button that interrupts cancels the response and drops its audio', async () => {
  const { rehearsal, peer } = await live(new FakeServer());
  rehearsal.interrupt();
  assert.deepEqual(peer.sent, [{ type: 'response.cancel' }, { type: 'output_audio_buffer.clear' }]);
});

test('a pause silences the microphone and keeps the call, and going on uses it again', async () => {
  const { rehearsal, microphone, peer } = await live(new FakeServer());
  rehearsal.pause();
  assert.deepEqual([rehearsal.snapshot.paused, microphone.track.enabled, peer.closed], [true, false, false]);
  rehearsal.goOn();
  await settled();
  assert.deepEqual([rehearsal.snapshot.paused, microphone.track.enabled, FakePeer.all.length], [false, true, 1]);
});

test('a pause of 30 minutes ends the call, and it can be continued', async () => {
  const server = new FakeServer();
  const { rehearsal, clock } = await live(server);
  rehearsal.pause();
  await clock.advance(30 * 60_000);
  assert.equal(rehearsal.snapshot.state, 'ended');
  assert.match(rehearsal.snapshot.notice.sentence, /paused for so long/);
  rehearsal.start('resume');
  await settled();
  assert.equal(rehearsal.snapshot.state, 'live');
  assert.ok(server.requests.includes('POST /api/voice-agent/sdp?resume=s1'));
});

test('a call whose budget is spent can be continued with its transcript', async () => {
  const server = new FakeServer();
  const { rehearsal, peer } = await live(server);
  peer.receive({ type: 'response.output_audio_transcript.done', transcript: 'Why now?' });
  server.session = { state: 'ended', reason: 'budget' };
  peer.channel.onclose();
  await settled();
  assert.equal(rehearsal.snapshot.state, 'ended');
  assert.match(rehearsal.snapshot.notice.sentence, /time for this call/);
  rehearsal.start('resume');
  await settled();
  assert.equal(rehearsal.snapshot.turns[0].text, 'Why now?');
  assert.equal(rehearsal.snapshot.sessionId, 's2');
});

test('a microphone that is refused, and a call that fails, lead to typing', async () => {
  const denied = async () => {
    throw new MicrophoneError('denied');
  };
  const first = rehearsalOf(new FakeServer(), { openMicrophone: denied });
  first.rehearsal.start('anew');
  await settled();
  assert.equal(first.rehearsal.snapshot.state, 'chat');
  assert.match(first.rehearsal.snapshot.notice.sentence, /may not use the microphone/);
  const server = new FakeServer();
  server.offers = [{ status: 429, slug: 'too-many-requests', fields: { 'Retry-After': '20' } }];
  const second = rehearsalOf(server);
  second.rehearsal.start('anew');
  await settled();
  assert.equal(second.rehearsal.snapshot.state, 'chat');
  assert.match(second.rehearsal.snapshot.notice.sentence, /in 20 seconds/);
});

test('a page on a foreign site fails, because it cannot type either', async () => {
  const server = new FakeServer();
  server.offers = [{ status: 403, slug: 'forbidden-origin' }];
  const { rehearsal } = rehearsalOf(server);
  rehearsal.start('anew');
  await settled();
  assert.equal(rehearsal.snapshot.state, 'failed');
});

test('what was typed is handed to the call that follows, once', async () => {
  const { rehearsal } = rehearsalOf(new FakeServer());
  rehearsal.type();
  await rehearsal.send('We missed the forecast.');
  assert.equal(rehearsal.snapshot.turns[0].text, 'We missed the forecast.');
  rehearsal.start('resume');
  await settled();
  const peer = FakePeer.all.at(-1);
  peer.receive({ type: 'session.created' });
  peer.receive({ type: 'session.created' });
  assert.deepEqual(peer.sent.filter(({ type }) => type === 'conversation.item.create').length, 1);
});

test('changing to typing hangs up', async () => {
  const server = new FakeServer();
  const { rehearsal } = await live(server);
  rehearsal.type();
  await settled();
  assert.equal(rehearsal.snapshot.state, 'chat');
  assert.ok(server.requests.includes('DELETE /api/voice-agent/session/s1'));
});

test('a session that an earlier page has begun is shown and can be continued', async () => {
  const server = new FakeServer();
  server.session = { state: 'ended', reason: 'client', transcript: [{ role: 'assistant', text: 'Why now?' }] };
  const { rehearsal } = rehearsalOf(server);
  await rehearsal.recall('s0');
  assert.deepEqual([rehearsal.snapshot.state, rehearsal.snapshot.turns[0].text], ['ended', 'Why now?']);
  rehearsal.start('resume');
  await settled();
  assert.ok(server.requests.includes('POST /api/voice-agent/sdp?resume=s0'));
});
