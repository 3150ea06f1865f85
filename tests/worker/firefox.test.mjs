// Dictionaries in Firefox, which has them behind a preference and over HTTPS only.
//
//     SERVED_URL=… WORKER_PACK_FIREFOX=… node --test tests/worker/firefox.test.mjs
//
// The URL leads to the site of `dictionaries.test.mjs`.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Firefox, Recorder } from './firefox.mjs';
import { inTime, variable } from './visitor.mjs';

let firefox;
let recorder;
before(async () => {
  recorder = await Recorder.start(variable('SERVED_URL'));
  firefox = await Firefox.start();
});
after(async () => {
  await firefox?.close();
  await recorder?.close();
});

test('Firefox fetches a dictionary, and then differences to it', { timeout: 600_000 }, async () => {
  await firefox.goTo(`${recorder.url}/`);
  const first = await recorder.of('/');
  assert.equal(first.answer['content-encoding'], 'br');
  const [, url] = first.answer.link.match(/<([^>]+)>; rel="compression-dictionary"/);
  assert.equal((await recorder.of(url)).status, 200);
  await inTime(untilOffered(), () => 'Firefox offers no dictionary');

  await firefox.goTo(`${recorder.url}/1/`);
  const second = await recorder.of('/1/');
  assert.match(second.asked['accept-encoding'], /\bdcb\b/);
  assert.equal(second.answer['content-encoding'], 'dcb');
  assert.equal(await firefox.evaluate('document.title'), '1');
  const plain = await firefox.evaluate('document.documentElement.outerHTML.length');
  const length = Number(second.answer['content-length']);
  assert.ok(length * 5 < plain, `${length} of ${plain} bytes`);
  // As the browser counts them, with the header fields or without.
  const counted = firefox.bodies.get('/1/');
  assert.ok(counted >= length && counted < length + 1000, `${counted} of ${length} bytes`);

  recorder.exchanges.length = 0;
  await firefox.reload();
  const again = await recorder.of('/1/');
  assert.equal(again.status, 304);
  assert.equal(await firefox.evaluate('document.title'), '1');
});

/** Loads the first page again until the browser offers a dictionary. */
async function untilOffered() {
  for (;;) {
    recorder.exchanges.length = 0;
    await firefox.goTo(`${recorder.url}/`);
    if ((await recorder.of('/')).asked['available-dictionary']) return;
  }
}
