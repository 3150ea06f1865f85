// `POST audio`: audio that is not supported, is too long, or ends too early.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { pcm, scale, wav, white } from './sound.mjs';
import { Upload, inPieces, readBytes } from './upload.mjs';
import { assertProblem, voiceAgent } from './voice_agent.mjs';

const SECOND = pcm(scale(white(24_000), 1000));

describe('POST audio', () => {
  const agent = voiceAgent();

  const post = (type, body, query = '') =>
    agent.send('POST', `audio${query}`, { body, headers: type === undefined ? {} : { 'Content-Type': type } });

  /** Begins a request on a connection of its own. */
  const upload = (type, headers = {}) =>
    new Upload(new URL('/api/voice-agent/audio', agent.worker.url), {
      'Content-Type': type,
      'CF-Connecting-IP': agent.client(),
      ...headers,
    });

  /** Asserts that a response is good at first, and is broken off. */
  async function assertBrokenOff(response) {
    assert.equal(response.status, 200);
    await assert.rejects(response.arrayBuffer());
  }

  for (const [name, type, body, status, slug, sentence] of [
    ['44.1 kHz', 'audio/wav', wav(SECOND, { rate: 44_100 }), 415, 'unsupported-media-type', /44100 .*24 or 48 kHz/],
    ['8 kHz', 'audio/wav', wav(SECOND, { rate: 8000 }), 415, 'unsupported-media-type', /8000 .*24 or 48 kHz/],
    ['stereo', 'audio/wav', wav(SECOND, { channels: 2 }), 415, 'unsupported-media-type', /2 channels.*mono/],
    ['8 bits', 'audio/wav', wav(SECOND, { bits: 8 }), 415, 'unsupported-media-type', /8 bits.*16-bit/],
    ['24 bits', 'audio/wav', wav(SECOND, { bits: 24 }), 415, 'unsupported-media-type', /24 bits.*16-bit/],
    ['floats', 'audio/wav', wav(SECOND, { tag: 3, bits: 32 }), 415, 'unsupported-media-type', /floating point.*PCM/],
    ['µ-law', 'audio/wav', wav(SECOND, { tag: 7, bits: 8 }), 415, 'unsupported-media-type', /µ-law.*PCM/],
    ['RIFX', 'audio/wav', wav(SECOND, { riff: 'RIFX' }), 415, 'unsupported-media-type', /RIFX.*big-endian/],
    ['an empty WAV file', 'audio/wav', Buffer.alloc(0), 400, 'bad-request', /empty/],
    ['a WAV file without samples', 'audio/wav', wav(Buffer.alloc(0)), 400, 'bad-request', /empty/],
    ['no samples', 'audio/pcm', Buffer.alloc(0), 400, 'bad-request', /empty/],
    ['no WAV file', 'audio/wav', SECOND, 422, 'unprocessable', /RIFF.*audio\/pcm/],
    ['a page', 'audio/wav', '<!doctype html><title>x</title>', 422, 'unprocessable', /RIFF/],
    ['half a header', 'audio/wav', wav(SECOND).subarray(0, 30), 422, 'unprocessable', /`data` chunk.*whole file/],
    ['a WAV file of odd length', 'audio/wav', wav(SECOND, { len: 4801 }), 422, 'unprocessable', /odd/],
    ['samples of odd length', 'audio/pcm', SECOND.subarray(1), 422, 'unprocessable', /odd/],
    ['a truncated WAV file', 'audio/wav', wav(SECOND, { len: 48_044 }), 422, 'unprocessable', /header announces/],
    ['another type', 'audio/mpeg', SECOND, 415, 'unsupported-media-type', /audio\/wav.*audio\/pcm/],
    ['no type', undefined, SECOND, 415, 'unsupported-media-type', /audio\/wav.*audio\/pcm/],
    ['raw samples of 44.1 kHz', 'audio/pcm;rate=44100', SECOND, 422, 'unprocessable', /44100.*24000 or 48000/],
    ['raw samples of no rate', 'audio/pcm;rate=', SECOND, 422, 'unprocessable', /24000 or 48000/],
  ]) {
    test(`refuses ${name}, and says why`, async () => {
      const problem = await assertProblem(await post(type, body), status, slug);
      assert.match(problem.detail, sentence);
    });
  }

  for (const [query, status, slug, sentence] of [
    ['?rate=44100', 422, 'unprocessable', /44100.*24000 or 48000/],
    ['?rate=', 422, 'unprocessable', /24000 or 48000/],
    ['?compress=zip', 400, 'bad-request', /zip/],
    ['?compress=', 400, 'bad-request', /gzip/],
  ]) {
    test(`refuses ${query}, and says why`, async () => {
      const problem = await assertProblem(await post('audio/wav', wav(SECOND), query), status, slug);
      assert.match(problem.detail, sentence);
    });
  }

  test('refuses other methods', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const response = await agent.send(method, 'audio');
      assert.equal(response.headers.get('Allow'), 'POST');
      await assertProblem(response, 405, 'method-not-allowed');
    }
    const head = await agent.send('HEAD', 'audio');
    assert.deepEqual([head.status, head.headers.get('Allow'), await head.text()], [405, 'POST', '']);
  });

  test('refuses half an hour of audio by its announcement, before its samples are sent', async () => {
    const bytes = 1800 * 48_000;
    for (const [type, begin, headers] of [
      ['audio/wav', wav(Buffer.alloc(0), { len: bytes }), {}],
      ['audio/wav', wav(Buffer.alloc(0), { len: bytes }), { 'Content-Length': String(bytes + 44) }],
      ['audio/pcm;rate=24000', Buffer.alloc(0), { 'Content-Length': String(bytes) }],
      ['audio/pcm;rate=48000', SECOND, { 'Content-Length': String(2 * bytes) }],
    ]) {
      const sending = upload(type, headers);
      if (begin.length > 0) sending.send(begin);
      const problem = await assertProblem(await sending.response(), 413, 'too-large');
      assert.match(problem.detail, /1800 s.*limit is 300 s/);
      sending.leave();
    }
  });

  test('refuses what its announced length shows to be wrong, before its samples are sent', async () => {
    for (const [type, begin, length, slug] of [
      ['audio/wav', wav(Buffer.alloc(0), { len: 96_000 }), 48_044, 'unprocessable'],
      ['audio/pcm', Buffer.alloc(0), 48_001, 'unprocessable'],
    ]) {
      const sending = upload(type, { 'Content-Length': String(length) });
      if (begin.length > 0) sending.send(begin);
      await assertProblem(await sending.response(), 422, slug);
      sending.leave();
    }
  });

  test('breaks off if a WAV file of unannounced length is truncated', async () => {
    const sending = upload('audio/wav');
    sending.send(wav(SECOND, { len: 96_000 }));
    const response = await sending.response();
    assert.equal(response.headers.get('Content-Length'), String(96_044));
    sending.end();
    await assertBrokenOff(response);
  });

  test('breaks off if raw samples of unannounced length are of odd length', async () => {
    const sending = upload('audio/pcm');
    sending.send(SECOND);
    const response = await sending.response();
    sending.send(Buffer.alloc(1));
    sending.end();
    await assertBrokenOff(response);
  });

  test('still works after all of these', async () => {
    const response = await post('audio/wav', wav(SECOND));
    assert.equal(response.status, 200);
    assert.equal((await response.arrayBuffer()).byteLength, 48_044);
  });
});

describe('POST audio of raw samples without end', () => {
  const agent = voiceAgent({ vars: { AUDIO_SECONDS: 2 } });

  test('is broken off at the limit, however much the client sends', async () => {
    const sending = new Upload(new URL('/api/voice-agent/audio', agent.worker.url), {
      'Content-Type': 'audio/pcm;rate=24000',
      'CF-Connecting-IP': agent.client(),
    });
    sending.send(SECOND);
    const response = await sending.response();
    assert.equal(response.status, 200);
    const reader = response.body.getReader();
    const first = await readBytes(reader, 40_000);
    assert.ok(first.length < 48_000);
    // The client never ends its body.
    for (let seconds = 0; seconds < 3; seconds += 1) sending.send(SECOND);
    await assert.rejects(readBytes(reader, Infinity));
    sending.leave();
  });

  test('is refused if the first piece is too long', async () => {
    const sending = inPieces(Buffer.concat([SECOND, SECOND, SECOND]), [72_000]);
    const init = { body: sending, duplex: 'half', headers: { 'Content-Type': 'audio/pcm;rate=24000' } };
    const response = await agent.send('POST', 'audio', init);
    // The host cuts the body as it likes: the first piece may be within the limit.
    if (response.status === 413) await assertProblem(response, 413, 'too-large');
    else await assert.rejects(response.arrayBuffer());
  });
});
