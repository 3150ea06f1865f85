// Chromium, with a microphone of one kind or another. It sends nothing to hosts of its own accord.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { pcm, speech, wav } from '../sound.mjs';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

const DEVICE = '--use-fake-device-for-media-stream';
const ALLOWED = '--use-fake-ui-for-media-stream';

/**
 * Microphones: one that beeps twice a second, one into which somebody speaks again and again, none at all, and
 * one that pages may not use.
 */
const MICROPHONES = {
  beeping: () => [DEVICE, ALLOWED],
  speaking: (folder) => [DEVICE, ALLOWED, `--use-file-for-fake-audio-capture=${record(folder)}`],
  missing: () => [ALLOWED],
  // Without a window there is no question, and the answer is no.
  refused: () => [DEVICE],
};

/** Samples a second of the speech. */
const RATE = 48_000;

/** The pause before somebody speaks, in seconds: the other side finishes what it has to say. */
const PAUSE = 4;

/** The length of the speech, in seconds: about a sentence. */
const SENTENCE = 2.5;

/**
 * Starts Chromium.
 *
 * @param {keyof typeof MICROPHONES} [microphone]
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function startChromium(microphone = 'beeping') {
  const folder = mkdtempSync(join(tmpdir(), 'voice-agent-'));
  const browser = await chromium.launch({
    executablePath: process.env.WORKER_PACK_CHROMIUM ?? '/usr/bin/chromium',
    args: [...FLAGS, ...MICROPHONES[microphone](folder)],
  });
  browser.on('disconnected', () => rmSync(folder, { recursive: true }));
  return browser;
}

/** Writes a pause and a sentence into a folder, and returns the path of the file. */
function record(folder) {
  const file = join(folder, 'speech.wav');
  const samples = [...new Float64Array(RATE * PAUSE), ...speech(RATE).slice(0, RATE * SENTENCE)];
  writeFileSync(file, wav(pcm(samples), { rate: RATE }));
  return file;
}
