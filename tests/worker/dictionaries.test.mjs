// Dictionaries in a real browser (RFC 9842): what it asks for, what it gets, and how many bytes that is.
//
//     SERVED_URL=… SERVED_DIST=… WORKER_URL=… node --test tests/worker/dictionaries.test.mjs
//
// The URLs lead to the same site of six pages, served by `worker-pack serve --watch` from the folder
// `SERVED_DIST`, and as a Worker. `WORKER_PACK_TOOLS` and `WORKER_PACK_CHROMIUM` are those of
// `browser.test.mjs`.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Exchanges, counted } from './exchanges.mjs';
import { dictionaryOf, get, redeploy } from './redeploy.mjs';
import { Visitor, startBrowser, variable } from './visitor.mjs';

/** Ends a test that would never finish, in milliseconds. */
const timeout = 1_200_000;

/** Returns a URL by the name of its host for which browsers use dictionaries without TLS. */
const local = (url) => url.replace('127.0.0.1', 'localhost');

const HOSTS = { serve: variable('SERVED_URL'), worker: variable('WORKER_URL') };

/** The value of `Accept-Encoding` of a browser that has a dictionary. */
const ACCEPTED = 'gzip, deflate, br, zstd, dcb, dcz';

describe('with dictionaries', () => {
  let browser;
  before(async () => (browser = await startBrowser()));
  after(() => browser?.close());

  /** Declares a test of a visitor who has just opened the first page. */
  const visiting = (name, host, visit) =>
    test(`${name} (${host})`, { timeout }, async () => {
      const visitor = await Visitor.arrive(browser, local(HOSTS[host]));
      try {
        const exchanges = await Exchanges.of(visitor.page);
        await visitor.open('/');
        await visit(visitor, exchanges);
        assert.deepEqual(visitor.problems, []);
      } finally {
        await visitor.leave();
      }
    });

  for (const host of Object.keys(HOSTS)) {
    visiting('the first page brings a dictionary, and the next ones differences', host, async (visitor, log) => {
      const first = await log.of('/');
      assert.equal(first.answer['content-encoding'], 'br');
      assert.equal(first.asked['available-dictionary'], undefined);
      const url = dictionaryOf(first);
      const dictionary = await log.of(url);
      assert.equal(dictionary.status, 200);
      await log.untilOffered(visitor.page);

      // By a link.
      await Promise.all([visitor.page.waitForURL('**/1/'), visitor.page.click('#next')]);
      const second = await log.of('/1/');
      assert.match(second.asked['accept-encoding'], /\bdcb\b/);
      assert.equal(second.answer['content-encoding'], 'dcb');
      assert.equal(second.answer['content-length'], String(await lengthOf(host, '/1/', second)));
      // As the browser counts them, with the header fields.
      const plain = await counted(browser, local(HOSTS[host]), '/1/');
      assert.ok(second.bytes < plain.bytes - 1000, `${second.bytes} of ${plain.bytes} bytes`);
      assert.equal(await visitor.page.title(), '1');

      // By the element that Astro's prefetch inserts.
      await visitor.page.evaluate(() => {
        const link = Object.assign(document.createElement('link'), { rel: 'prefetch', href: '/2/' });
        document.head.append(link);
      });
      assert.equal((await log.of('/2/')).answer['content-encoding'], 'dcb');

      // By `fetch()`, as Astro's ClientRouter navigates.
      const text = await visitor.page.evaluate(async () => (await fetch('/3/')).text());
      assert.equal((await log.of('/3/')).answer['content-encoding'], 'dcb');
      assert.equal(text, (await ask(host, '/3/')).body.toString());

      // The dictionary is not asked for again.
      assert.deepEqual(
        log.all(url).filter(({ status }) => status),
        [],
      );
    });

    visiting('a page that is loaded again is still valid', host, async (visitor, log) => {
      await log.untilOffered(visitor.page);
      await visitor.goTo('/1/');
      assert.equal((await log.of('/1/')).answer['content-encoding'], 'dcb');
      log.clear();
      await visitor.page.reload({ waitUntil: 'load' });
      const again = await log.of('/1/');
      assert.equal(again.status, 304);
      assert.equal(await visitor.page.title(), '1');
    });

    test(`a client that lies about its dictionary gets Brotli (${host})`, { timeout }, async () => {
      const own = await available(host);
      const other = `:${'A'.repeat(43)}=:`;
      for (const fields of [
        { 'accept-encoding': ACCEPTED },
        { 'accept-encoding': ACCEPTED, 'available-dictionary': other },
        { 'accept-encoding': ACCEPTED, 'available-dictionary': `${own}, ${other}` },
        { 'accept-encoding': ACCEPTED, 'available-dictionary': [own, own] },
        { 'accept-encoding': 'br, dcb;q=0', 'available-dictionary': own },
        { 'accept-encoding': 'br, dcz', 'available-dictionary': own },
      ]) {
        const { status, headers } = await ask(host, '/1/', fields);
        assert.equal(status, 200);
        assert.equal(headers['content-encoding'], 'br', JSON.stringify(fields));
        assert.equal(headers.vary, 'Accept-Encoding, Available-Dictionary');
      }
      const right = { 'accept-encoding': ACCEPTED, 'available-dictionary': own };
      const { headers, body } = await ask(host, '/1/', right);
      assert.equal(headers['content-encoding'], 'dcb');
      assert.equal(headers['cloudflare-cdn-cache-control'], 'no-store');
      assert.equal(body.subarray(0, 4).toString('hex'), 'ff444342');
      assert.equal(body.subarray(4, 36).toString('base64'), own.slice(1, -1));
    });
  }

  visiting('a new deployment has a new dictionary', 'serve', async (visitor, log) => {
    const old = dictionaryOf(await log.of('/'));
    await log.untilOffered(visitor.page);
    await redeploy(variable('SERVED_DIST'), HOSTS.serve, old);

    // The browser offers the old one, which is unknown now.
    await visitor.goTo('/4/');
    const first = await log.of('/4/');
    assert.ok(first.asked['available-dictionary']);
    assert.equal(first.answer['content-encoding'], 'br');
    const url = dictionaryOf(first);
    assert.notEqual(url, old);
    assert.equal((await log.of(url)).status, 200);
    await log.untilOffered(visitor.page, first.asked['available-dictionary']);
    await visitor.goTo('/5/');
    assert.equal((await log.of('/5/')).answer['content-encoding'], 'dcb');
    assert.equal(await visitor.page.title(), '5');
  });
});

/** Returns the number of bytes of the body for a client with the dictionary that an exchange names. */
async function lengthOf(host, path, { asked }) {
  const dictionary = asked['available-dictionary'];
  const fields = { 'accept-encoding': ACCEPTED, 'available-dictionary': dictionary };
  return (await ask(host, path, fields)).body.length;
}

/** Returns the value of `Available-Dictionary` for the dictionary of a host. */
async function available(host) {
  const { headers } = await ask(host, '/');
  const { body } = await ask(host, dictionaryOf({ answer: headers }));
  const hash = await crypto.subtle.digest('SHA-256', body);
  return `:${Buffer.from(hash).toString('base64')}:`;
}

/** Requests a path of a host, without decoding. */
const ask = (host, path, fields) => get(new URL(path, HOSTS[host]), fields);
