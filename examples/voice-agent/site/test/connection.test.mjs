import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { delayBefore, reconnection } from '../src/voice/backoff.ts';
import { recoveryMs, VoiceConnection } from '../src/voice/connection.ts';
import { MicrophoneError } from '../src/voice/microphone.ts';
import { FakeClock, settled } from './fake-clock.mjs';
import { fakeMicrophone, FakePeer, FakeServer } from './fake-peer.mjs';

beforeEach(() => {
  FakePeer.all = [];
  FakePeer.refuses = false;
});

function connectionTo(server, openMicrophone) {
  const clock = new FakeClock();
  const microphone = fakeMicrophone();
  const seen = { states: [], events: [], warnings: [] };
  const setting = {
    api: server.api,
    clock,
    createPeer: (configuration) => new FakePeer(configuration),
    openMicrophone: openMicrophone ?? (async () => microphone),
    random: () => 1,
  };
  const connection = new VoiceConnection(setting, {
    state: (state) => seen.states.push(state.attempt === undefined ? state.name : `${state.name} ${state.attempt}`),
    event: (event) => seen.events.push(event.type),
    remote: () => {},
    endingIn: (seconds) => seen.warnings.push(seconds),
  });
  return { clock, connection, microphone, ...seen };
}

test('waits grow, keep within their bounds, and end after five tries', () => {
  for (const random of [() => 0, () => 0.5, () => 1]) {
    for (let attempt = 1; attempt <= reconnection.tries; attempt++) {
      const longest = Math.min(reconnection.ceilingMs, reconnection.firstMs * 2 ** (attempt - 1));
      const delay = delayBefore(attempt, reconnection, random);
      assert.ok(delay >= longest / 2 && delay <= longest, `${delay} before try ${attempt}`);
    }
  }
  assert.equal(delayBefore(6, reconnection), null);
  assert.equal(delayBefore(0, reconnection), null);
});

test('a connection opens the microphone, sends the offer with a key, and is live', async () => {
  const server = new FakeServer();
  const { connection, states } = connectionTo(server);
  await connection.open();
  assert.deepEqual(states, ['connecting', 'connecting', 'live']);
  assert.equal(connection.sessionId, 's1');
  assert.equal(FakePeer.all[0].channel.label, 'oai-events');
  assert.equal(server.lastOffer.headers['Content-Type'], 'application/sdp');
  assert.match(server.lastOffer.headers['Idempotency-Key'], /^[\w-]{36}$/);
});

test('an offer whose response is lost is sent once more with the same key', async () => {
  const server = new FakeServer();
  const keys = [];
  const original = server.offers;
  server.offers = { shift: () => (keys.push(server.lastOffer.headers['Idempotency-Key']), original.shift()) };
  original.push('network');
  const { connection, states } = connectionTo(server);
  await connection.open();
  assert.equal(states.at(-1), 'live');
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
});

test('a microphone that is refused places no call', async () => {
  const server = new FakeServer();
  const { connection } = connectionTo(server, async () => {
    throw new MicrophoneError('denied');
  });
  await connection.open();
  assert.deepEqual(connection.state, { name: 'blocked', obstacle: 'denied' });
  assert.deepEqual(server.requests, []);
});

test('an answer that the browser refuses fails, and the session is hung up', async () => {
  const server = new FakeServer();
  server.offers = ['garbage'];
  const { connection, microphone } = connectionTo(server);
  await connection.open();
  assert.deepEqual(connection.state, { name: 'failed', fault: { kind: 'answer' } });
  assert.equal(server.requests.at(-1), 'DELETE /api/voice-agent/session/s1');
  assert.equal(microphone.track.stopped, true);
});

test('a call without audio fails after its time', async () => {
  FakePeer.refuses = true;
  const { clock, connection } = connectionTo(new FakeServer());
  const opening = connection.open();
  await clock.advance(15_000);
  await opening;
  assert.deepEqual(connection.state, { name: 'failed', fault: { kind: 'silent' } });
});

test('an interruption that ICE repairs places no new call', async () => {
  const server = new FakeServer();
  const { clock, connection, states } = connectionTo(server);
  await connection.open();
  FakePeer.all[0].turn('disconnected');
  await clock.advance(recoveryMs - 1);
  FakePeer.all[0].turn('connected');
  await clock.advance(recoveryMs);
  assert.deepEqual(states.slice(2), ['live', 'reconnecting 0', 'live']);
  assert.equal(FakePeer.all.length, 1);
});

test('a call that is lost is placed again and resumes the session', async () => {
  const server = new FakeServer();
  const { clock, connection, microphone, states } = connectionTo(server);
  await connection.open();
  FakePeer.all[0].turn('failed');
  await clock.advance(500);
  assert.deepEqual(states.slice(2), ['live', 'reconnecting 0', 'reconnecting 1', 'live']);
  assert.ok(server.requests.includes('POST /api/voice-agent/sdp?resume=s1'));
  assert.equal(connection.sessionId, 's2');
  assert.equal(FakePeer.all[0].closed, true);
  assert.equal(microphone.track.stopped, false, 'the microphone stays open');
});

test('five tries fail one after the other, and then the connection gives up', async () => {
  const server = new FakeServer();
  const { clock, connection, states } = connectionTo(server);
  await connection.open();
  server.offers = Array(5).fill({ status: 502, slug: 'upstream-failed' });
  FakePeer.all[0].channel.onclose();
  await clock.advance(500 + 1000 + 2000 + 4000);
  assert.equal(states.at(-1), 'reconnecting 5');
  await clock.advance(8000);
  assert.equal(connection.state.name, 'failed');
  assert.equal(connection.state.fault.problem.slug, 'upstream-failed');
});

test('a try waits as long as the server asks for', async () => {
  const server = new FakeServer();
  const { clock, connection } = connectionTo(server);
  await connection.open();
  server.offers = [{ status: 429, slug: 'too-many-requests', fields: { 'Retry-After': '30' } }];
  FakePeer.all[0].turn('failed');
  await clock.advance(500);
  await clock.advance(29_999);
  assert.equal(connection.state.name, 'reconnecting');
  await clock.advance(1);
  assert.equal(connection.state.name, 'live');
});

test('an error that cannot pass ends the tries at once', async () => {
  const server = new FakeServer();
  const { clock, connection } = connectionTo(server);
  await connection.open();
  server.offers = [{ status: 403, slug: 'forbidden-origin' }];
  FakePeer.all[0].turn('failed');
  await clock.advance(500);
  assert.equal(connection.state.name, 'failed');
});

test('a network that is back ends the wait', async () => {
  const { connection } = connectionTo(new FakeServer());
  await connection.open();
  FakePeer.all[0].turn('failed');
  await settled();
  connection.hurry();
  await settled();
  assert.equal(connection.state.name, 'live');
});

test('a session that the server no longer knows is replaced by one without memory', async () => {
  const server = new FakeServer();
  server.offers = [{ status: 404, slug: 'not-found' }];
  const { connection } = connectionTo(server);
  await connection.open('old');
  assert.equal(connection.state.name, 'live');
  assert.deepEqual(server.requests.filter((request) => request.startsWith('POST')), ['POST /api/voice-agent/sdp?resume=old', 'POST /api/voice-agent/sdp']);
});

test('a call that the server has ended is not placed again', async () => {
  for (const reason of ['budget', 'operator', 'client']) {
    const server = new FakeServer();
    const { clock, connection } = connectionTo(server);
    await connection.open();
    server.session = { state: 'ended', reason };
    FakePeer.all.at(-1).channel.onclose();
    await clock.advance(60_000);
    assert.deepEqual(connection.state, { name: 'ended', reason });
  }
});

test('the end of the Live API ends the connection', async () => {
  const server = new FakeServer();
  server.voiceApi = 'live';
  const { connection, events } = connectionTo(server);
  await connection.open();
  FakePeer.all[0].receive({ type: 'session.closed', reason: 'close_requested' });
  await settled();
  assert.deepEqual(events, ['ended']);
  assert.deepEqual(connection.state, { name: 'ended', reason: 'close_requested' });
});

test('the end of a call is announced a minute before, and made if the server does not', async () => {
  const server = new FakeServer();
  const { clock, connection, warnings } = connectionTo(server);
  server.endsAt = clock.now() + 10 * 60_000;
  await connection.open();
  await clock.advance(9 * 60_000 - 1);
  assert.deepEqual(warnings, []);
  await clock.advance(1);
  assert.deepEqual(warnings, [60]);
  await clock.advance(63_000);
  assert.deepEqual(connection.state, { name: 'ended', reason: 'budget' });
  assert.equal(server.requests.at(-1), 'DELETE /api/voice-agent/session/s1');
});

test('closing hangs up, stops the microphone and drops later messages', async () => {
  const server = new FakeServer();
  const { connection, events, microphone } = connectionTo(server);
  await connection.open();
  connection.close();
  connection.close();
  FakePeer.all[0].receive({ type: 'session.created' });
  assert.deepEqual(connection.state, { name: 'ended', reason: 'client' });
  assert.equal(server.requests.filter((request) => request.startsWith('DELETE')).length, 1);
  assert.deepEqual([microphone.track.stopped, FakePeer.all[0].closed, events], [true, true, []]);
});

test('closing while the call is set up leaves no session behind', async () => {
  FakePeer.refuses = true;
  const server = new FakeServer();
  const { connection } = connectionTo(server);
  const opening = connection.open();
  await settled();
  connection.close();
  await opening;
  assert.deepEqual(connection.state, { name: 'ended', reason: 'client' });
  assert.equal(server.requests.at(-1), 'DELETE /api/voice-agent/session/s1');
});

test('a microphone that is unplugged ends the call', async () => {
  const server = new FakeServer();
  const { connection, microphone } = connectionTo(server);
  await connection.open();
  microphone.track.onended();
  assert.deepEqual(connection.state, { name: 'blocked', obstacle: 'no-device' });
  assert.equal(server.requests.at(-1), 'DELETE /api/voice-agent/session/s1');
});
