// The transcript and the usage of a call, from the events on its sideband.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { sessionAgent } from './objects.mjs';

/** Number of bytes of speech that an eviction may lose. */
const LOST = 200;

/** Returns the announcement of a turn (Realtime). */
const added = (id, role) => ({ type: 'conversation.item.added', item: { id, type: 'message', role } });

/** Returns the words of the user, or of the assistant (Realtime). */
const asked = (id, transcript) => ({
  type: 'conversation.item.input_audio_transcription.completed',
  item_id: id,
  transcript,
});
const answered = (id, transcript) => ({ type: 'response.output_audio_transcript.done', item_id: id, transcript });

/** Returns the usage of a response (Realtime). */
const done = (input, output = { audio_tokens: 20, text_tokens: 5 }) => ({
  type: 'response.done',
  response: { usage: { input_token_details: input, output_token_details: output } },
});

/** Returns some words on the timeline, in milliseconds (Live). */
const said = (direction, delta, start, end) => ({
  type: `session.${direction}_transcript.delta`,
  delta,
  start_ms: start,
  end_ms: end,
});

/** Returns the seconds so far (Live). */
const used = (seconds) => ({ type: 'session.usage.updated', usage: { seconds } });

const turns = ({ transcript }) => transcript.map(({ role, text }) => `${role}: ${text.trim()}`);

describe('a transcript by realtime', () => {
  const agent = sessionAgent();

  test('has the words of the user before the answer, when they are known after it', async () => {
    const { id, call } = await agent.connect();
    await call.tell(added('one', 'user'), added('two', 'assistant'), answered('two', 'Why me?'));
    assert.deepEqual(turns(await agent.session(id)), ['assistant: Why me?']);
    await call.tell(asked('one', 'I have to let you go.'));
    assert.deepEqual(turns(await agent.session(id)), ['user: I have to let you go.', 'assistant: Why me?']);
  });

  test('has words that were never announced at its end', async () => {
    const { id, call } = await agent.connect();
    await call.tell(answered('one', 'Good morning.'), asked('two', 'Hello.'), answered(undefined, 'So?'));
    assert.deepEqual(turns(await agent.session(id)), ['assistant: Good morning.', 'user: Hello.', 'assistant: So?']);
  });

  test('survives an eviction turn by turn', async () => {
    const { id, call } = await agent.connect();
    await call.tell(added('one', 'user'), added('two', 'assistant'), answered('two', 'Why?'));
    await agent.evict(id);
    await agent.session(id);
    await agent.service.until(() => call.open.length === 1);
    await call.tell(asked('one', 'You are late.'));
    assert.deepEqual(turns(await agent.session(id)), ['user: You are late.', 'assistant: Why?']);
  });
});

describe('a transcript by live', () => {
  const agent = sessionAgent({ api: 'live' });

  test('has one turn for each of two who speak at once', async () => {
    const { id, call } = await agent.connect();
    const words = Array.from({ length: 50 }, (_, word) => [
      said('input', 'a ', word * 400, word * 400 + 400),
      said('output', 'b ', word * 400 + 200, word * 400 + 600),
    ]);
    await call.tell(...words.flat());
    const repeated = (word) => Array.from({ length: 50 }, () => word).join(' ');
    assert.deepEqual(turns(await agent.session(id)), [`user: ${repeated('a')}`, `assistant: ${repeated('b')}`]);
  });

  test('has a turn for each change of the speaker', async () => {
    const { id, call } = await agent.connect();
    await call.tell(
      said('input', 'I ', 0, 400),
      said('input', 'resign.', 400, 800),
      said('output', 'Why?', 900, 1300),
      said('input', 'So.', 1400, 1800),
    );
    assert.deepEqual(turns(await agent.session(id)), ['user: I resign.', 'assistant: Why?', 'user: So.']);
  });

  test('loses 200 bytes by an eviction at most', async () => {
    const { id, call } = await agent.connect();
    const words = Array.from({ length: 99 }, (_, word) => `word-${String(word).padStart(4, '0')} `);
    await call.tell(...words.map((word, index) => said('input', word, index * 400, index * 400 + 400)));
    const [whole] = (await agent.session(id)).transcript;
    assert.equal(whole.text, words.join(''));
    await agent.evict(id);
    const [kept] = (await agent.session(id)).transcript;
    assert.ok(whole.text.startsWith(kept.text));
    assert.ok(whole.text.length - kept.text.length <= LOST, `${whole.text.length - kept.text.length} bytes`);
  });
});

describe('the usage of a call by realtime', () => {
  const agent = sessionAgent();

  for (const [name, input, expected] of [
    [
      'without cached tokens is that of the input',
      { audio_tokens: 100, text_tokens: 50, cached_tokens: 0 },
      { audio_input_tokens: 100, text_input_tokens: 50, cached_input_tokens: 0 },
    ],
    [
      'without the details of cached tokens counts none of them twice',
      { audio_tokens: 100, text_tokens: 50, cached_tokens: 120 },
      { audio_input_tokens: 0, text_input_tokens: 30, cached_input_tokens: 120 },
    ],
    [
      'has null for details that are missing',
      { audio_tokens: 100, text_tokens: 50, cached_tokens: 120, cached_tokens_details: null },
      { audio_input_tokens: 0, text_input_tokens: 30, cached_input_tokens: 120 },
    ],
    [
      'is that of the details of cached tokens',
      {
        audio_tokens: 100,
        text_tokens: 50,
        cached_tokens: 60,
        cached_tokens_details: { audio_tokens: 20, text_tokens: 40 },
      },
      { audio_input_tokens: 80, text_input_tokens: 10, cached_input_tokens: 60 },
    ],
    [
      'is that of the output alone if that of the input is missing',
      undefined,
      { audio_input_tokens: 0, text_input_tokens: 0, cached_input_tokens: 0 },
    ],
  ]) {
    test(name, async () => {
      const { id, call } = await agent.connect();
      await call.tell(done(input));
      const { usage } = await agent.session(id);
      assert.deepEqual(usage, { ...expected, audio_output_tokens: 20, text_output_tokens: 5, seconds: 0 });
    });
  }

  test('adds up, and survives an eviction', async () => {
    const { id, call } = await agent.connect();
    await call.tell(done({ audio_tokens: 100 }), done({ audio_tokens: 50 }));
    await agent.evict(id);
    assert.equal((await agent.session(id)).usage.audio_input_tokens, 150);
  });
});

describe('the seconds of a call by live', () => {
  const agent = sessionAgent({ api: 'live' });

  test('never fall', async () => {
    const { id, call } = await agent.connect();
    for (const [seconds, expected] of [[5, 5], [3, 5], [-5, 5], [8, 8], [null, 8]]) {
      await call.tell(used(seconds));
      assert.equal((await agent.session(id)).usage.seconds, expected);
    }
    call.emit({ type: 'session.closed', reason: 'remote_hangup', usage: { seconds: 2 } });
    const { usage, state } = await agent.stored(id, 'Ended');
    assert.deepEqual([usage.seconds, state], [8, { Ended: 'dropped' }]);
    const cost = await agent.metric('voice_session_cost_usd_total');
    assert.equal(cost, (await agent.session(id)).cost_usd);
  });
});
