import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VoiceAgentApi } from '../src/voice/api.ts';
import { askForReply, readChatEvent } from '../src/voice/chat.ts';
import { EventStreamParser } from '../src/voice/sse.ts';
import { problem } from './fake-peer.mjs';

const stream = 'event: a\r\ndata: one\r\ndata:two\r\n\r\n: comment\nid: 5\ndata\n\nevent: b\rdata:  three é\r\rdata: lost';
const events = [
  { type: 'a', data: 'one\ntwo' },
  { type: 'message', data: '' },
  { type: 'b', data: ' three é' },
];

test('events are the same wherever the stream is cut', () => {
  for (let first = 0; first <= stream.length; first++) {
    for (let second = first; second <= stream.length; second++) {
      const parser = new EventStreamParser();
      const pieces = [stream.slice(0, first), stream.slice(first, second), stream.slice(second)];
      assert.deepEqual(pieces.flatMap((piece) => parser.push(piece)), events, `cut at ${first} and ${second}`);
    }
  }
});

test('a byte order mark is skipped at the beginning only', () => {
  const parser = new EventStreamParser();
  assert.deepEqual(parser.push('\uFEFFdata: a\n\n\uFEFFdata: b\n\n'), [{ type: 'message', data: 'a' }]);
});

test('an event without data is not an event', () => {
  assert.deepEqual(new EventStreamParser().push('event: ping\n\n\n'), []);
});

test('chat events of no use and malformed ones are ignored', () => {
  for (const data of ['', '{', 'null', '[DONE]', '{"type":"response.created"}']) assert.equal(readChatEvent(data), null);
});

const line = (event) => `data: ${JSON.stringify(event)}\n\n`;
const delta = (text) => line({ type: 'response.output_text.delta', delta: text });

/** Asks for a reply whose body is the given bytes, in pieces of a size. */
async function replyTo(text, size = 7, signal = new AbortController().signal) {
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
  let reply = '';
  const end = await askForReply(new VoiceAgentApi(async () => new Response(body)), [], (part) => (reply += part), signal);
  return { reply, end };
}

test('a reply is read across pieces that cut characters in two', async () => {
  const text = delta('Naïve ') + delta('— why?') + line({ type: 'response.completed' });
  for (const size of [1, 2, 3, 64]) {
    assert.deepEqual(await replyTo(text, size), { reply: 'Naïve — why?', end: { outcome: 'complete' } });
  }
});

test('a reply that fails or breaks off says so, and keeps what has arrived', async () => {
  const failed = line({ type: 'response.failed', response: { error: { message: 'overloaded', code: 'server_error' } } });
  assert.deepEqual(await replyTo(delta('a') + failed), { reply: 'a', end: { outcome: 'failed', message: 'overloaded' } });
  assert.deepEqual((await replyTo(line({ type: 'error', message: 'quota', code: 'x' }))).end, { outcome: 'failed', message: 'quota' });
  assert.equal((await replyTo(delta('a'))).end.outcome, 'failed');
  assert.deepEqual((await replyTo(delta('a') + line({ type: 'response.incomplete' }))).end, { outcome: 'incomplete' });
});

test('a reply that is stopped cancels the response', async () => {
  const stop = new AbortController();
  let cancelled = false;
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(delta('a')));
      stop.signal.addEventListener('abort', () => {
        cancelled = true;
        controller.error(stop.signal.reason);
      });
    },
  });
  const end = await askForReply(new VoiceAgentApi(async () => new Response(body)), [], () => stop.abort(), stop.signal);
  assert.deepEqual([end, cancelled], [{ outcome: 'stopped' }, true]);
});

test('a refusal that stays is told apart from a failure that may pass', async () => {
  const ask = (response) => askForReply(new VoiceAgentApi(async () => response), [], () => {}, new AbortController().signal);
  assert.equal((await ask(problem(503, 'not-configured'))).outcome, 'refused');
  assert.equal((await ask(problem(502, 'upstream-failed'))).outcome, 'failed');
});
