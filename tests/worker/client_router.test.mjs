// Dictionaries (RFC 9842) on a site that Astro has built, whose pages navigate by `ClientRouter` and prefetch links.
//
//     SERVED_URL=… WORKER_URL=… node --test tests/worker/client_router.test.mjs
//
// The URLs lead to the same site, served by `worker-pack serve` and as a Worker. `WORKER_PACK_TOOLS` and
// `WORKER_PACK_CHROMIUM` are those of `browser.test.mjs`.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Exchanges } from './exchanges.mjs';
import { Visitor, startBrowser, variable } from './visitor.mjs';

/** Ends a test that would never finish, in milliseconds. */
const timeout = 1_200_000;

/** The name of the host for which browsers use dictionaries without TLS. */
const local = (url) => url.replace('127.0.0.1', 'localhost');

const HOSTS = { serve: variable('SERVED_URL'), worker: variable('WORKER_URL') };

describe('with ClientRouter', () => {
  let browser;
  before(async () => (browser = await startBrowser()));
  after(() => browser?.close());

  for (const host of Object.keys(HOSTS)) {
    test(`pages of the router and of prefetch are differences to a dictionary (${host})`, { timeout }, async () => {
      const visitor = await Visitor.arrive(browser, local(HOSTS[host]));
      try {
        const { page } = visitor;
        const log = await Exchanges.of(page);
        await visitor.open('/');
        assert.equal((await log.of('/')).answer['content-encoding'], 'br');
        await log.untilOffered(page);
        // It is lost if a page is loaded without the router.
        await page.evaluate(() => (globalThis.isSameDocument = true));

        // A link is prefetched while the mouse is over it.
        await page.hover('#to-2');
        assertIsDifference(await log.of('/2/'), 'empty');
        assert.equal(await page.title(), 'Page 0');

        // The router asks by `fetch()`, and exchanges the content of the document.
        await page.click('#to-1');
        await visitor.shows('name', 'Page 1');
        assertIsDifference(await log.of('/1/'), 'empty');
        assert.equal(await page.title(), 'Page 1');

        // What was prefetched is shown.
        await page.click('#to-2');
        await visitor.shows('name', 'Page 2');

        // By Astro's `prefetch()`.
        await page.evaluate(() => globalThis.prefetch('/3/'));
        assertIsDifference(await log.of('/3/'), 'empty');

        // Back, and to a page that is not asked for by the router.
        await page.goBack();
        await visitor.shows('name', 'Page 1');
        assert.equal(await page.evaluate(() => globalThis.isSameDocument), true);
        await page.click('#reload-4');
        await visitor.shows('name', 'Page 4');
        assertIsDifference(await log.of('/4/'), 'document');
        assert.equal(await page.evaluate(() => globalThis.isSameDocument), undefined);
        assert.deepEqual(visitor.problems, []);
      } finally {
        await visitor.leave();
      }
    });
  }
});

/** Checks that a page was asked for with a dictionary, and came as its difference to it. */
function assertIsDifference({ asked, answer }, destination) {
  assert.equal(asked['sec-fetch-dest'], destination);
  assert.match(asked['available-dictionary'], /^:.+:$/);
  assert.match(asked['accept-encoding'], /\bdcb\b/);
  assert.equal(answer['content-encoding'], 'dcb');
  assert.equal(answer['content-type'], 'text/html; charset=utf-8');
}
