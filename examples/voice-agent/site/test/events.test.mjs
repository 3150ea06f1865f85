import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../src/voice/channel.ts';

const read = (api, event) => readEvents(api, JSON.stringify(event));

test('events of the Realtime API become the events of the page', () => {
  const cases = [
    [{ type: 'session.created', session: {} }, [{ type: 'ready' }]],
    [{ type: 'input_audio_buffer.speech_started', item_id: 'i1' }, [{ type: 'userSpeaking', phase: 'started', itemId: 'i1' }]],
    [{ type: 'input_audio_buffer.speech_stopped' }, [{ type: 'userSpeaking', phase: 'stopped', itemId: null }]],
    [
      { type: 'conversation.item.input_audio_transcription.completed', item_id: 'i1', transcript: 'Good morning.' },
      [{ type: 'userTranscript', part: 'done', text: 'Good morning.', itemId: 'i1' }],
    ],
    [{ type: 'response.output_audio_transcript.delta', delta: 'Sit' }, [{ type: 'agentTranscript', part: 'delta', text: 'Sit' }]],
    [{ type: 'response.output_audio_transcript.done', transcript: 'Sit down.' }, [{ type: 'agentTranscript', part: 'done', text: 'Sit down.' }]],
    [{ type: 'output_audio_buffer.started' }, [{ type: 'agentSpeaking', phase: 'started' }]],
    [{ type: 'output_audio_buffer.stopped' }, [{ type: 'agentSpeaking', phase: 'stopped' }]],
    [{ type: 'output_audio_buffer.cleared' }, [{ type: 'agentSpeaking', phase: 'stopped' }, { type: 'agentCancelled' }]],
    [{ type: 'error', error: { message: 'too fast', code: 'rate' } }, [{ type: 'failed', message: 'too fast', code: 'rate' }]],
    [{ type: 'error', error: { code: 'response_cancel_not_active' } }, []],
    [{ type: 'error', error: { code: 'session_expired' } }, [{ type: 'ended', reason: 'expired' }]],
  ];
  for (const [event, expected] of cases) assert.deepEqual(read('realtime', event), expected, event.type);
});

test('a response of the Realtime API reports its tokens, and whether it was cut off or failed', () => {
  const usage = { input_token_details: { audio_tokens: 100, text_tokens: 20, cached_tokens: 60 }, output_token_details: { audio_tokens: 30, text_tokens: 5 } };
  assert.deepEqual(read('realtime', { type: 'response.done', response: { status: 'cancelled', usage } }), [
    { type: 'usage', usage: { unit: 'tokens', input: 120, cached: 60, output: 35 } },
    { type: 'agentCancelled' },
  ]);
  assert.deepEqual(read('realtime', { type: 'response.done', response: { status: 'failed', status_details: { error: { message: 'no', type: 'server_error' } } } }), [
    { type: 'failed', message: 'no', code: 'server_error' },
  ]);
});

test('events of the Live API become the events of the page', () => {
  const cases = [
    [{ type: 'session.started' }, [{ type: 'ready' }]],
    [{ type: 'session.input_transcript.delta', delta: 'Good ' }, [{ type: 'userTranscript', part: 'delta', text: 'Good ', itemId: null }]],
    [{ type: 'session.output_transcript.delta', delta: 'Sit' }, [{ type: 'agentTranscript', part: 'delta', text: 'Sit' }]],
    [{ type: 'session.usage.updated', usage: { seconds: 12.5 } }, [{ type: 'usage', usage: { unit: 'seconds', seconds: 12.5 } }]],
    [
      { type: 'session.closed', reason: 'close_requested', usage: { seconds: 61 } },
      [{ type: 'usage', usage: { unit: 'seconds', seconds: 61 } }, { type: 'ended', reason: 'close_requested' }],
    ],
    [{ type: 'session.closed' }, [{ type: 'ended', reason: 'closed' }]],
  ];
  for (const [event, expected] of cases) assert.deepEqual(read('live', event), expected, event.type);
});

test('an error whose members are all empty still has a sentence', () => {
  for (const api of ['realtime', 'live']) {
    const [event] = read(api, { type: 'error', error: { message: '', type: '', code: null } });
    assert.equal(event.type, 'failed');
    assert.notEqual(event.message, '');
  }
});

test('unknown events and malformed messages give nothing and never throw', () => {
  const messages = ['', '{', 'null', '[]', '1', '"text"', '{"type":5}', '{"type":"session.future"}', '{"type":"__proto__"}', new ArrayBuffer(4), undefined];
  for (const api of ['realtime', 'live']) {
    for (const message of messages) assert.deepEqual(readEvents(api, message), [], String(message));
  }
});

test('members of the wrong type count as missing', () => {
  assert.deepEqual(read('realtime', { type: 'response.done', response: 'soon' }), []);
  assert.deepEqual(read('realtime', { type: 'response.done', response: { usage: { input_token_details: { audio_tokens: -1, text_tokens: 'x' } } } }), [
    { type: 'usage', usage: { unit: 'tokens', input: 0, cached: 0, output: 0 } },
  ]);
  assert.deepEqual(read('realtime', { type: 'response.output_audio_transcript.delta', delta: { a: 1 } }), [{ type: 'agentTranscript', part: 'delta', text: '' }]);
  assert.equal(read('live', { type: 'error', error: [] })[0].type, 'failed');
});
