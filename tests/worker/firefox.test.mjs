// Dictionaries in Firefox, which has them behind a preference and over HTTPS only.
//
//     SERVED_URL=… SERVED_DIST=… KEPT_URL=… OLD=… NEW=… WORKER_PACK_FIREFOX=…
//         node --test tests/worker/firefox.test.mjs
//
// `SERVED_URL` leads to the site of `dictionaries.test.mjs`, which `worker-pack serve --watch` serves from
// `SERVED_DIST`, and `KEPT_URL` to that of `deltas.test.mjs` with the scripts `OLD` and `NEW`.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Firefox, Recorder } from './firefox.mjs';
import { EDITION, dictionaryOf, redeploy } from './redeploy.mjs';
import { inTime, variable } from './visitor.mjs';

/** Ends a test that would never finish, in milliseconds. */
const timeout = 600_000;

let firefox;
before(async () => (firefox = await Firefox.start()));
after(() => firefox?.close());

/** Declares a test with a site over HTTPS. */
const onSite = (name, site, visit) =>
  test(name, { timeout }, async () => {
    const recorder = await Recorder.start(variable(site));
    try {
      await visit(recorder);
    } finally {
      await recorder.close();
    }
  });

onSite('Firefox fetches a dictionary, and then differences to it', 'SERVED_URL', async (recorder) => {
  await firefox.goTo(`${recorder.url}/`);
  const first = await recorder.of('/');
  assert.equal(first.answer['content-encoding'], 'br');
  const old = dictionaryOf(first);
  assert.equal((await recorder.of(old)).status, 200);
  await recorder.untilOffered(() => firefox.goTo(`${recorder.url}/`), '/');

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

  // After a new deployment, the browser offers the old dictionary, and gets the new pages right.
  await redeploy(variable('SERVED_DIST'), variable('SERVED_URL'), old);
  recorder.exchanges.length = 0;
  await firefox.goTo(`${recorder.url}/4/`);
  const changed = await recorder.of('/4/');
  const offered = changed.asked['available-dictionary'];
  assert.match(offered, /^:.+:$/);
  assert.equal(await firefox.evaluate('document.title'), '4');
  assert.ok(await firefox.evaluate(`document.body.textContent.includes('${EDITION}')`));
  const url = dictionaryOf(changed);
  assert.notEqual(url, old);
  assert.equal((await recorder.of(url)).status, 200);
  await recorder.untilOffered(() => firefox.goTo(`${recorder.url}/4/`), '/4/', offered);
  await firefox.goTo(`${recorder.url}/5/`);
  assert.equal((await recorder.of('/5/')).answer['content-encoding'], 'dcb');
  assert.equal(await firefox.evaluate('document.title'), '5');
  assert.ok(await firefox.evaluate(`document.body.textContent.includes('${EDITION}')`));
});

onSite('Firefox fetches a script as its difference to an old one', 'KEPT_URL', async (recorder) => {
  const [OLD, NEW] = [variable('OLD'), variable('NEW')];
  const load = (path) => firefox.evaluate(`import('${path}').then((module) => typeof module.f0)`);
  await firefox.goTo(`${recorder.url}/`);
  assert.equal(await load(OLD), 'function');
  const old = await recorder.of(OLD);
  assert.equal(old.answer['content-encoding'], 'br');
  assert.equal(old.answer.vary, 'Accept-Encoding, Available-Dictionary');

  // A browser stores a dictionary after it has loaded the file. The pattern of both scripts matches this one.
  const missing = NEW.replace(/\.[^.]+\.js$/, '.missing.js');
  const ask = () => firefox.evaluate(`import('${missing}?' + Math.random()).catch(() => '')`);
  await recorder.untilOffered(ask, missing);

  assert.equal(await load(NEW), 'function');
  const changed = await recorder.of(NEW);
  assert.equal(changed.answer['content-encoding'], 'dcb');
  const lengths = [changed, old].map(({ answer }) => Number(answer['content-length']));
  assert.ok(lengths[0] * 5 < lengths[1], `${lengths[0]} of ${lengths[1]} bytes`);
});
