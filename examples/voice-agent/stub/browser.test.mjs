// Calls from Chromium, whose fake microphone beeps twice a second. The test sends the offers, as the Worker
// would.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { chromium } from 'playwright-core';

import { api, begin, control } from './caller.mjs';
import { startStub } from './server.mjs';

const stub = await startStub({ turns: 'on-demand' });
const agent = await startStub();
let browser;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.WORKER_PACK_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
});

after(async () => {
  await browser.close();
  await Promise.all([stub.close(), agent.close()]);
});

/** Defines `call` in the page: its connection, and promises of all that a test waits for. */
function definePage() {
  const connection = new RTCPeerConnection();
  const channel = connection.createDataChannel('oai-events');
  const events = [];
  const wakers = new Set();
  const until = (condition) =>
    new Promise((resolve) => {
      const wake = () => condition() && (wakers.delete(wake), resolve(condition()));
      wakers.add(wake);
      wake();
    });
  const wakeAll = () => [...wakers].forEach((wake) => wake());
  channel.onmessage = ({ data }) => (events.push(JSON.parse(data)), wakeAll());
  channel.onopen = channel.onclose = connection.onconnectionstatechange = wakeAll;
  const heard = new Promise((resolve) => {
    connection.ontrack = ({ track }) => {
      const stream = new MediaStream([track]);
      // Chromium gives sound of a connection to an analyser only while an element plays it.
      Object.assign(new Audio(), { srcObject: stream }).play();
      const context = new AudioContext();
      const analyser = new AnalyserNode(context);
      context.createMediaStreamSource(stream).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      const listen = () => {
        analyser.getFloatTimeDomainData(samples);
        const peak = Math.max(...samples.map(Math.abs));
        if (peak > 0.01) resolve(peak);
        else requestAnimationFrame(listen);
      };
      listen();
    };
  });
  window.call = {
    connection,
    channel,
    heard: () => heard,
    event: (type, count = 1) => until(() => events.filter((event) => event.type === type)[count - 1]),
    channelIs: (state) => until(() => channel.readyState === state),
    connectionIs: (state) => until(() => connection.connectionState === state),
    async offer() {
      const media = await navigator.mediaDevices.getUserMedia({ audio: true });
      connection.addTrack(media.getTracks()[0], media);
      await connection.setLocalDescription();
      return connection.localDescription.sdp;
    },
    accept: (sdp) => connection.setRemoteDescription({ type: 'answer', sdp }),
  };
}

/** Opens a page with `call`, and returns it with its offer. */
async function offering(test, where) {
  const page = await browser.newPage();
  test.after(() => page.close());
  const address = `${where.url}/page`;
  const body = '<!doctype html><title>Caller</title>';
  await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body }));
  await page.goto(address);
  await page.evaluate(definePage);
  return { page, offer: await page.evaluate(() => call.offer()) };
}

/** Connects a page to a stub. */
async function connected(test, where, kind) {
  const { page, offer } = await offering(test, where);
  const start = performance.now();
  const { id, answer } = await begin(where, kind, offer);
  await page.evaluate((sdp) => call.accept(sdp), answer);
  await page.evaluate(() => call.channelIs('open'));
  test.diagnostic(`${kind}: the channel is open after ${Math.round(performance.now() - start)} ms`);
  return { page, id };
}

for (const [kind, first, word, path] of [
  ['realtime', 'session.created', 'response.output_audio_transcript.delta', 'realtime/calls'],
  ['live', 'session.started', 'session.output_transcript.delta', 'live/sessions'],
]) {
  test(`Chromium connects to ${kind}, hears itself, gets events and is hung up`, async (t) => {
    const { page, id } = await connected(t, stub, kind);
    await page.evaluate((type) => call.event(type), first);
    const peak = await page.evaluate(() => call.heard());
    t.diagnostic(`${kind}: peak ${peak.toFixed(2)}`);
    const [shown] = await control(stub, `calls?wait=audio&id=${id}`);
    assert.deepEqual([shown.channel_open, shown.connection], [true, 'connected']);
    await control(stub, `calls/${id}/say`, { text: 'Hello' });
    assert.equal((await page.evaluate((type) => call.event(type), word)).delta, 'Hello');
    await page.evaluate(() => call.channel.send(JSON.stringify({ type: 'session.update', session: {} })));
    await page.evaluate(() => call.event('session.updated'));
    await api(stub, `/v1/${path}/${id}/hangup`, {});
    await page.evaluate(() => call.channelIs('closed'));
  });
}

test('Chromium notices a silent drop by its packets that are not answered', async (t) => {
  const { page, id } = await connected(t, stub, 'realtime');
  await control(stub, `calls/${id}/drop`, { how: 'silent' });
  assert.equal(await page.evaluate(() => call.channel.readyState), 'open');
  await page.evaluate(() => call.connectionIs('disconnected'));
});

test('a page that closes its connection ends its call', async (t) => {
  const { page, id } = await connected(t, stub, 'live');
  await page.evaluate(() => call.connection.close());
  const [shown] = await control(stub, `calls?wait=ended&id=${id}`);
  assert.equal(shown.end_reason, 'left');
});

test('Chromium refuses the answer of the mode `wrong-sdp`', async (t) => {
  const { page, offer } = await offering(t, stub);
  await control(stub, 'mode', { mode: 'wrong-sdp' });
  const { answer } = await begin(stub, 'realtime', offer);
  await assert.rejects(page.evaluate((sdp) => call.accept(sdp), answer), /m-lines/);
  await control(stub, 'mode', { mode: 'ok' });
});

test('the agent of the stub greets, listens and answers with the voice that it has heard', async (t) => {
  const { page, id } = await connected(t, agent, 'realtime');
  const greeting = await page.evaluate(() => call.event('response.output_audio_transcript.done'));
  assert.match(greeting.transcript, /^Hello!/);
  const kind = 'conversation.item.input_audio_transcription.completed';
  const { transcript } = await page.evaluate((type) => call.event(type), kind);
  assert.match(transcript, /seconds of speech/);
  assert.ok((await page.evaluate(() => call.heard())) > 0.01);
  const { response } = await page.evaluate(() => call.event('response.done', 2));
  assert.match(response.output[0].content[0].transcript, /^You spoke for/);
  assert.ok(response.usage.input_token_details.audio_tokens > 0);
  const [shown] = await control(agent, `calls?wait=audio&id=${id}`);
  assert.ok(shown.packets_out < shown.packets_in);
});
