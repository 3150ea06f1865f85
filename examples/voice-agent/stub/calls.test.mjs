// Calls: their events on the data channel and the sideband, interruptions, and ends.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { Sideband, api, connected, control } from './caller.mjs';
import { startStub } from './server.mjs';

const stub = await startStub({ turns: 'on-demand' });
after(() => stub.close());
beforeEach(() => control(stub, 'reset', {}));

const sidebandPath = (kind, id) =>
  kind === 'live' ? `/v1/live/sessions/${id}/attach` : `/v1/realtime?call_id=${id}`;

/** Makes a call with a sideband. */
async function call(test, kind, session) {
  const { caller, id } = await connected(test, stub, kind, session);
  const sideband = await Sideband.connect(stub, sidebandPath(kind, id));
  await control(stub, `calls?wait=sideband&id=${id}`);
  return { caller, id, sideband };
}

test('an assistant turn of Realtime has its events in order, with usage', async (t) => {
  const session = { type: 'realtime', model: 'gpt-realtime-2.1', instructions: 'x'.repeat(400) };
  const { caller, id, sideband } = await call(t, 'realtime', session);
  await control(stub, `calls/${id}/say`, { text: 'Hello there.' });
  await caller.event('output_audio_buffer.stopped');
  assert.deepEqual(caller.types(), [
    'session.created',
    'response.created',
    'response.output_item.added',
    'conversation.item.added',
    'response.content_part.added',
    'output_audio_buffer.started',
    'response.output_audio_transcript.delta',
    'response.output_audio_transcript.delta',
    'response.output_audio.done',
    'response.output_audio_transcript.done',
    'response.content_part.done',
    'response.output_item.done',
    'conversation.item.done',
    'response.done',
    'output_audio_buffer.stopped',
  ]);
  await sideband.event('output_audio_buffer.stopped');
  assert.deepEqual(sideband.events, caller.events.slice(1));
  const { transcript } = await sideband.event('response.output_audio_transcript.done');
  assert.equal(transcript, 'Hello there.');
  const { response } = await sideband.event('response.done');
  assert.equal(response.status, 'completed');
  assert.deepEqual(response.output[0].content, [{ type: 'output_audio', transcript }]);
  assert.deepEqual(response.usage, {
    total_tokens: 119,
    input_tokens: 100,
    output_tokens: 19,
    input_token_details: { text_tokens: 100, audio_tokens: 0, image_tokens: 0, cached_tokens: 0 },
    output_token_details: { text_tokens: 3, audio_tokens: 16 },
  });
  assert.ok(caller.events.every(({ event_id }) => typeof event_id === 'string'));
});

test('a user turn of Realtime has speech and a transcript', async (t) => {
  const { id, sideband } = await call(t, 'realtime');
  await control(stub, `calls/${id}/hear`, { text: 'Good morning' });
  const completed = await sideband.event('conversation.item.input_audio_transcription.completed');
  assert.deepEqual(sideband.types(), [
    'input_audio_buffer.speech_started',
    'input_audio_buffer.speech_stopped',
    'input_audio_buffer.committed',
    'conversation.item.added',
    'conversation.item.done',
    'conversation.item.input_audio_transcription.delta',
    'conversation.item.input_audio_transcription.completed',
  ]);
  assert.equal(completed.transcript, 'Good morning');
  assert.equal(completed.item_id, sideband.events[0].item_id);
  assert.deepEqual([sideband.events[0].audio_start_ms, sideband.events[1].audio_end_ms], [0, 800]);
});

test('a test chooses the usage that a turn reports', async (t) => {
  const usage = { input_token_details: { audio_tokens: 1_000_000 } };
  const { id, sideband } = await call(t, 'realtime');
  await control(stub, `calls/${id}/say`, { text: 'Dear.', usage });
  assert.deepEqual((await sideband.event('response.done')).response.usage, usage);
  const live = await call(t, 'live');
  await control(stub, `calls/${live.id}/say`, { text: 'Dear.', usage: { seconds: 600 } });
  assert.deepEqual((await live.sideband.event('session.usage.updated')).usage, { seconds: 600.4 });
});

test('a client cancels a turn of Realtime and clears its audio', async (t) => {
  const { caller, id } = await call(t, 'realtime');
  await control(stub, `calls/${id}/say`, { text: 'One two three', hold: true });
  await caller.event('output_audio_buffer.started');
  caller.send({ type: 'response.cancel' });
  const { response } = await caller.event('response.done');
  assert.deepEqual([response.status, response.status_details.reason], ['cancelled', 'client_cancelled']);
  caller.send({ type: 'output_audio_buffer.clear' });
  const cleared = await caller.event('output_audio_buffer.cleared');
  assert.equal(cleared.response_id, response.id);
  const [shown] = await control(stub, `calls?wait=received&type=output_audio_buffer.clear&id=${id}`);
  assert.deepEqual([shown.turn_open, shown.received.length], [false, 2]);
  caller.send({ type: 'response.cancel', event_id: 'mine' });
  const { error } = await caller.event('error');
  assert.deepEqual([error.code, error.event_id], ['response_cancel_not_active', 'mine']);
});

test('clearing the audio alone stops a turn of Realtime, from a sideband too', async (t) => {
  const { id, sideband } = await call(t, 'realtime');
  await control(stub, `calls/${id}/say`, { text: 'One two three', hold: true });
  sideband.send({ type: 'output_audio_buffer.clear' });
  assert.equal((await sideband.event('response.done')).response.status, 'cancelled');
  await sideband.event('output_audio_buffer.cleared');
});

test('a user who speaks interrupts a turn', async (t) => {
  const { id, sideband } = await call(t, 'realtime');
  await control(stub, `calls/${id}/say`, { text: 'One two three', hold: true });
  await assert.rejects(control(stub, `calls/${id}/say`, { text: 'Four' }), /a turn is in progress/);
  await control(stub, `calls/${id}/hear`, { text: 'Stop' });
  const { response } = await sideband.event('response.done');
  assert.equal(response.status_details.reason, 'turn_detected');
  await sideband.event('output_audio_buffer.cleared');
  await assert.rejects(control(stub, `calls/${id}/finish`, {}), /no turn is in progress/);
});

test('a held turn is finished by the control', async (t) => {
  const { id, sideband } = await call(t, 'realtime');
  await control(stub, `calls/${id}/say`, { text: 'One', hold: true });
  assert.ok(!sideband.types().includes('response.done'));
  await control(stub, `calls/${id}/finish`, {});
  assert.equal((await sideband.event('response.done')).response.status, 'completed');
});

test('turns of Live are transcripts on a timeline, and seconds that add up', async (t) => {
  const { caller, id, sideband } = await call(t, 'live', { model: 'gpt-live-1', safety_identifier: 'hash' });
  const started = await caller.event('session.started');
  assert.deepEqual([started.session.id, started.session.status], [id, 'active']);
  assert.equal(started.session.safety_identifier, undefined);
  await control(stub, `calls/${id}/hear`, { text: 'Good morning' });
  await control(stub, `calls/${id}/say`, { text: 'Hello.' });
  await control(stub, `calls?wait=sent&type=session.output_transcript.delta&id=${id}`);
  await sideband.event('session.output_transcript.delta');
  const shown = (await control(stub, 'calls'))[0].sent.slice(1).map(({ event_id, ...event }) => event);
  assert.deepEqual(shown, [
    { type: 'session.input_transcript.delta', delta: 'Good ', start_ms: 0, end_ms: 400 },
    { type: 'session.input_transcript.delta', delta: 'morning', start_ms: 400, end_ms: 800 },
    { type: 'session.usage.updated', usage: { seconds: 0.8 } },
    { type: 'session.output_transcript.delta', delta: 'Hello.', start_ms: 800, end_ms: 1_200 },
    { type: 'session.usage.updated', usage: { seconds: 1.2 } },
  ]);
});

test('a sideband closes a session of Live', async (t) => {
  const { caller, id, sideband } = await call(t, 'live');
  sideband.send({ type: 'session.close' });
  const closed = await sideband.event('session.closed');
  assert.deepEqual([closed.reason, closed.usage, closed.session.id], ['close_requested', { seconds: 0 }, id]);
  assert.equal((await caller.event('session.closed')).reason, 'close_requested');
  assert.deepEqual([await sideband.closed(), await caller.closed()], [1000, 1000]);
  await control(stub, `calls?wait=ended&id=${id}`);
  await assert.rejects(Sideband.connect(stub, sidebandPath('live', id)), /404/);
});

test('a hang-up closes the channel and the sideband', async (t) => {
  for (const [kind, path] of [['realtime', 'realtime/calls'], ['live', 'live/sessions']]) {
    const { caller, id, sideband } = await call(t, kind);
    await api(stub, `/v1/${path}/${id}/hangup`, {});
    assert.deepEqual([await sideband.closed(), await caller.closed()], [1000, 1000]);
    assert.equal(caller.types().includes('session.closed'), kind === 'live');
  }
});

test('the longest session ends with the event of its API', async (t) => {
  const realtime = await call(t, 'realtime');
  await control(stub, `calls/${realtime.id}/expire`, {});
  for (const end of [realtime.caller, realtime.sideband]) {
    assert.equal((await end.event('error')).error.code, 'session_expired');
    await end.closed();
  }
  const live = await call(t, 'live');
  await control(stub, `calls/${live.id}/expire`, {});
  for (const end of [live.caller, live.sideband]) {
    assert.equal((await end.event('session.closed')).reason, 'expired');
    await end.closed();
  }
});

test('a dropped call ends the sideband abnormally, and the channel if a test wants it', async (t) => {
  for (const kind of ['realtime', 'live']) {
    const silent = await call(t, kind);
    const shown = await control(stub, `calls/${silent.id}/drop`, {});
    assert.deepEqual([shown.open, shown.end_reason], [false, 'dropped']);
    assert.equal(await silent.sideband.closed(), 1006);
    const loud = await call(t, kind);
    await control(stub, `calls/${loud.id}/drop`, { how: 'channel' });
    assert.deepEqual([await loud.sideband.closed(), await loud.caller.closed()], [1006, 1000]);
    assert.ok(!loud.caller.types().includes('session.closed'));
  }
});

test('a browser that leaves ends the call; only Live tells the sideband', async (t) => {
  const live = await call(t, 'live');
  await live.caller.leave();
  assert.equal((await live.sideband.event('session.closed')).reason, 'remote_hangup');
  const realtime = await call(t, 'realtime');
  await realtime.caller.leave();
  const [shown] = await control(stub, `calls?wait=ended&id=${realtime.id}`);
  assert.deepEqual([shown.end_reason, shown.sideband_open], ['left', true]);
});

test('client events are acknowledged, and wrong ones get an error', async (t) => {
  const realtime = await call(t, 'realtime');
  realtime.caller.send({ type: 'session.update', session: { instructions: 'New.' } });
  assert.equal((await realtime.caller.event('session.updated')).session.instructions, 'New.');
  const content = [{ type: 'input_text', text: 'Typed' }];
  realtime.sideband.send({ type: 'conversation.item.create', item: { role: 'user', content } });
  assert.deepEqual((await realtime.caller.event('conversation.item.added')).item.content, content);
  realtime.caller.send({ type: 'never', event_id: 'e1' });
  assert.equal((await realtime.caller.event('error')).error.event_id, 'e1');
  const live = await call(t, 'live');
  live.sideband.send({ type: 'session.thinking.append', content: 'x', delegation_id: null, event_id: 'e2' });
  assert.equal((await live.caller.event('session.thinking.appended')).client_event_id, 'e2');
  live.caller.send({ type: 'session.input_audio.mute' });
  await live.sideband.event('session.input_audio.muted');
  live.caller.send('not JSON');
  assert.equal((await live.caller.event('error')).error.code, 'invalid_json');
});

test('commands for unknown calls or without their options are refused', async (t) => {
  await assert.rejects(control(stub, 'calls/rtc_0/say', { text: 'x' }), /no call has the id/);
  await assert.rejects(control(stub, 'never', {}), /has no command/);
  await assert.rejects(control(stub, 'calls?wait=never'), /wait is not one of/);
  const { id } = await call(t, 'realtime');
  await assert.rejects(control(stub, `calls/${id}/say`, {}), /text is missing/);
  await assert.rejects(control(stub, `calls/${id}/drop`, { how: 'never' }), /neither silent nor channel/);
  await assert.rejects(control(stub, `calls/${id}/never`, {}), /calls have no command/);
});
