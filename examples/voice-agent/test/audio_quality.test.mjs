// `POST audio`: how well the noise is removed in the Worker. `audio/tests/quality.rs` measures more of it
// natively.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { louder, mix, pcm, pink, samplesOf, scale, siSnr, speech, wav, white } from './sound.mjs';
import { voiceAgent } from './voice_agent.mjs';

for (const rate of [24_000, 48_000]) {
  describe(`POST audio of ${rate} Hz`, () => {
    const agent = voiceAgent();
    const voice = speech(rate);
    const noises = { white: white(voice.length), pink: pink(voice.length, rate) };

    /** Returns a signal as the endpoint answers it. */
    async function denoise(signal) {
      const response = await agent.send('POST', 'audio', {
        body: wav(pcm(signal), { rate }),
        headers: { 'Content-Type': 'audio/wav' },
      });
      assert.equal(response.status, 200);
      return samplesOf(Buffer.from(await response.arrayBuffer()).subarray(44));
    }

    for (const [name, least] of [['white', 6], ['pink', 4]]) {
      test(`makes speech in ${name} noise clearer`, async (t) => {
        const noisy = mix(voice, noises[name], 5);
        const gain = siSnr(await denoise(noisy), voice) - siSnr(noisy, voice);
        t.diagnostic(`${name} noise at 5 dB: ${gain.toFixed(1)} dB clearer`);
        assert.ok(gain >= least, `${gain} dB`);
      });

      test(`makes ${name} noise alone quieter`, async (t) => {
        // As loud as in the speech.
        const noise = scale(noises[name], 1000);
        const change = louder(noise, await denoise(noise));
        t.diagnostic(`${name} noise alone: ${change.toFixed(1)} dB quieter`);
        assert.ok(change >= 20, `${change} dB`);
      });
    }

    test('leaves clean speech as it is', async (t) => {
      const likeness = siSnr(await denoise(voice), voice);
      t.diagnostic(`clean speech: ${likeness.toFixed(1)} dB like itself`);
      assert.ok(likeness >= 18, `${likeness} dB`);
    });
  });
}
