// The speed of the noise suppression in workerd, in multiples of real time.

import { pcm, scale, white } from '../../test/sound.mjs';
import { startWorker } from '../worker.mjs';
import { median } from './figure.mjs';

const [SECONDS, ROUNDS] = [30, 5];

/** Measures the figures. */
export async function suppression() {
  const worker = await startWorker({ upstream: 'http://127.0.0.1:9' });
  try {
    const figures = [];
    for (const rate of [24_000, 48_000]) figures.push(await measure(worker, rate));
    return figures;
  } finally {
    await worker.dispose();
  }
}

async function measure(worker, rate) {
  const body = pcm(scale(white(SECONDS * rate), 1000));
  const send = async (number) => {
    const response = await fetch(new URL('/api/voice-agent/audio', worker.url), {
      method: 'POST',
      body,
      headers: { 'Content-Type': `audio/pcm;rate=${rate}`, 'CF-Connecting-IP': `198.18.0.${number}` },
    });
    const { byteLength } = await response.arrayBuffer();
    if (response.status !== 200 || byteLength !== body.length) throw new Error(`the audio: ${response.status}`);
  };
  // V8 optimises the code while it runs.
  await send(ROUNDS);
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    await send(round);
    times.push((performance.now() - began) / 1000);
  }
  const time = median(times);
  return {
    name: `noise suppression at ${rate / 1000} kHz`,
    unit: '× real time',
    measured: SECONDS / time,
    better: '>',
    target: 20,
    note: `${((1000 * time) / SECONDS).toFixed(0)} ms for a second of audio; median of ${ROUNDS} × ${SECONDS} s`,
  };
}
