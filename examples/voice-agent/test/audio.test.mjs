// `POST audio`: what a client gets for audio that is supported.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { pcm, samplesOf, scale, wav, white } from './sound.mjs';
import { Upload, inPieces, readBytes } from './upload.mjs';
import { SITE, assertProblem, voiceAgent } from './voice_agent.mjs';

/** Returns noise of a length in seconds. */
const sound = (seconds, rate) => pcm(scale(white(seconds * rate), 1000));

describe('POST audio', () => {
  const agent = voiceAgent();
  const url = (query) => new URL(`/api/voice-agent/audio${query}`, agent.worker.url);

  const post = (type, body, query = '', init = {}) =>
    agent.send('POST', `audio${query}`, { body, ...init, headers: { 'Content-Type': type, ...init.headers } });

  /** Begins a request on a connection of its own. */
  const upload = (type, query = '', headers = {}) =>
    new Upload(url(query), { 'Content-Type': type, 'CF-Connecting-IP': agent.client(), ...headers });

  /** Returns the content of a response that has to be good. */
  async function content(response) {
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(response.status, 200, bytes.subarray(0, 500).toString());
    return bytes;
  }

  for (const from of [24_000, 48_000]) {
    for (const to of [undefined, 24_000, 48_000]) {
      const query = to === undefined ? '' : `?rate=${to}`;
      // No whole number of blocks of 10 ms, and an odd number of samples.
      const samples = Math.round(from * 0.4537) | 1;
      const input = sound(1, from).subarray(0, samples * 2);
      const length = Math.ceil((samples * (to ?? from)) / from) * 2;

      test(`makes a WAV file of a WAV file of ${from} Hz, ${query || 'of the same rate'}`, async () => {
        const response = await post('audio/wav', wav(input, { rate: from }), query);
        assert.equal(response.headers.get('Content-Type'), 'audio/wav');
        assert.equal(response.headers.get('Content-Length'), String(44 + length));
        const bytes = await content(response);
        assert.equal(bytes.length, 44 + length);
        const header = wav(Buffer.alloc(0), { rate: to ?? from, len: length });
        assert.deepEqual(bytes.subarray(0, 44), header);
      });

      test(`makes raw samples of raw samples of ${from} Hz, ${query || 'of the same rate'}`, async () => {
        const type = `audio/pcm;rate=${from}`;
        const response = await post(type, input, query);
        assert.equal(response.headers.get('Content-Type'), type);
        assert.equal(response.headers.get('Content-Length'), String(length));
        assert.equal((await content(response)).length, length);
      });
    }
  }

  test('has the same samples in both containers, and sees no difference in the pieces of the body', async () => {
    const input = sound(1, 24_000);
    const whole = await content(await post('audio/pcm;rate=24000', input));
    for (const lengths of [[1, 2, 3, 5, 8, 13, 21, 34, 55], [479, 1], [4801], [40_000]]) {
      for (const [type, body, header] of [['audio/pcm;rate=24000', input, 0], ['audio/wav', wav(input), 44]]) {
        const response = await post(type, inPieces(body, lengths), '', { duplex: 'half' });
        assert.deepEqual((await content(response)).subarray(header), whole, `${type} in pieces of ${lengths}`);
      }
    }
  });

  test('is of 24 kHz where raw samples name no rate, and knows other spellings of the types', async () => {
    const input = sound(0.1, 24_000);
    const expected = await content(await post('audio/pcm;rate=24000', input, '?rate=48000'));
    for (const type of ['audio/pcm', 'AUDIO/PCM; rate="24000"']) {
      assert.deepEqual(await content(await post(type, input, '?rate=48000')), expected, type);
    }
    for (const type of ['audio/x-wav', 'audio/wave', 'audio/vnd.wave']) {
      const bytes = await content(await post(type, wav(input), '?rate=48000'));
      assert.deepEqual(bytes.subarray(44), expected, type);
    }
  });

  test('leaves out what is before and behind the samples of a WAV file', async () => {
    const input = sound(0.1, 24_000);
    const chunk = Buffer.from('LIST\x05\0\0\0INFOx\0', 'latin1');
    const plain = wav(input);
    const crowded = Buffer.concat([plain.subarray(0, 12), chunk, plain.subarray(12), chunk]);
    assert.deepEqual(await content(await post('audio/wav', crowded)), await content(await post('audio/wav', plain)));
  });

  test('takes a WAV file of unknown length, as of a recorder that still runs', async () => {
    const input = sound(0.1, 24_000);
    const bytes = await content(await post('audio/wav', wav(input, { len: 0xffff_ffff })));
    assert.equal(bytes.length, 44 + input.length);
    assert.equal(bytes.readUInt32LE(40), 0xffff_ffff);
  });

  test('answers while the client still sends', async () => {
    for (const [type, begin] of [
      ['audio/pcm;rate=24000', sound(1, 24_000)],
      ['audio/wav', wav(sound(1, 24_000), { len: 96_000 })],
    ]) {
      const sending = upload(type);
      sending.send(begin);
      const response = await sending.response();
      assert.equal(response.status, 200);
      const reader = response.body.getReader();
      // All but the newest blocks of 10 ms, though no byte of the second half has been sent.
      const first = await readBytes(reader, begin.length - 4 * 480);
      assert.ok(first.length >= begin.length - 4 * 480 && first.length < begin.length, `${type}: ${first.length}`);
      sending.send(sound(1, 24_000));
      sending.end();
      const rest = await readBytes(reader, Infinity);
      assert.equal(first.length + rest.length, begin.length + 48_000, type);
    }
  });

  test('goes on with others when a client leaves in the middle', async () => {
    const sending = upload('audio/pcm;rate=24000');
    sending.send(sound(1, 24_000));
    const { body } = await sending.response();
    await body.getReader().read();
    sending.leave();
    await content(await post('audio/pcm;rate=24000', sound(0.1, 24_000)));
  });

  test('does not mix the samples of clients that send at once', async () => {
    const inputs = [1000, 300, 3000, 100].map((level) => pcm(scale(white(24_000), level)));
    const alone = [];
    for (const input of inputs) alone.push(await content(await post('audio/pcm', input)));
    const lengths = [4801];
    const together = inputs.map((input) => post('audio/pcm', inPieces(input, lengths), '', { duplex: 'half' }));
    const responses = await Promise.all((await Promise.all(together)).map(content));
    assert.deepEqual(responses, alone);
    assert.ok(samplesOf(alone[0]).some((value) => value !== 0));
  });

  test('is counted in seconds', async () => {
    const before = await agent.metric('voice_audio_seconds_total');
    await content(await post('audio/pcm;rate=48000', sound(2, 48_000)));
    await content(await post('audio/wav', wav(sound(1, 24_000))));
    assert.equal((await agent.metric('voice_audio_seconds_total')) - before, 3);
  });
});

describe('POST audio?compress=gzip', () => {
  const agent = voiceAgent();
  const input = wav(sound(0.5, 24_000));

  /** Sends a file on a connection of its own, whose client decodes nothing. */
  async function compressed(query, headers) {
    const sending = new Upload(new URL(`/api/voice-agent/audio${query}`, agent.worker.url), {
      'Content-Type': 'audio/wav',
      'CF-Connecting-IP': agent.client(),
      ...headers,
    });
    sending.send(input);
    sending.end();
    return sending.response();
  }

  test('is compressed on the wire', async () => {
    const plain = await compressed('', { 'Accept-Encoding': 'gzip' });
    assert.equal(plain.headers.get('Content-Encoding'), null);
    const expected = Buffer.from(await plain.arrayBuffer());
    for (const accepted of ['gzip', 'br, gzip', 'GZIP;q=0.5', 'x-gzip', '*']) {
      const response = await compressed('?compress=gzip', { 'Accept-Encoding': accepted });
      assert.equal(response.status, 200, accepted);
      assert.equal(response.headers.get('Content-Encoding'), 'gzip', accepted);
      const bytes = Buffer.from(await response.arrayBuffer());
      assert.equal(bytes.readUInt16BE(0), 0x1f8b);
      assert.ok(bytes.length < expected.length);
      assert.deepEqual(gunzipSync(bytes), expected);
    }
  });

  test('arrives while the client still sends', async () => {
    const sending = new Upload(new URL('/api/voice-agent/audio?compress=gzip', agent.worker.url), {
      'Content-Type': 'audio/pcm;rate=24000',
      'CF-Connecting-IP': agent.client(),
      'Accept-Encoding': 'gzip',
    });
    sending.send(sound(2, 24_000));
    const response = await sending.response();
    const reader = response.body.getReader();
    assert.equal((await readBytes(reader, 10)).readUInt16BE(0), 0x1f8b);
    sending.end();
    await readBytes(reader, Infinity);
  });

  test('is refused if the client accepts no gzip', async () => {
    for (const accepted of [undefined, '', 'br', 'identity', 'gzip;q=0', '*;q=0', 'gzip;q=0, *']) {
      const headers = accepted === undefined ? {} : { 'Accept-Encoding': accepted };
      await assertProblem(await compressed('?compress=gzip', headers), 406, 'not-acceptable');
      assert.equal((await compressed('?compress=none', headers)).status, 200);
    }
  });

  test('asks Cloudflare for the codings of the client, since the edge replaces the field', async () => {
    const send = (clientAcceptEncoding, field) =>
      agent.worker.dispatchFetch(`${SITE}/api/voice-agent/audio?compress=gzip`, {
        method: 'POST',
        body: input,
        cf: { clientAcceptEncoding },
        headers: { 'Content-Type': 'audio/wav', 'Accept-Encoding': field },
      });
    // This client decodes the response, and removes the field.
    const response = await send('gzip, br', 'br');
    assert.equal(response.status, 200);
    assert.equal((await response.arrayBuffer()).byteLength, input.length);
    await assertProblem(await send('br', 'gzip'), 406, 'not-acceptable');
  });
});
