// Islands of five libraries under the content security policy of Astro, in a browser.
//
//     UNCHANGED_URL=… COMPLETED_URL=… node --test tests/worker/island_policies.test.mjs
//
// The URLs lead to Workers of `examples/astro-islands`, built with Astro's `security.csp`: with the policies that Astro
// wrote, and with `csp = "hashes"`, which completes them. `WORKER_PACK_TOOLS` and `WORKER_PACK_CHROMIUM` are those of
// `browser.test.mjs`.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Visitor, startBrowser, variable } from './visitor.mjs';

/** Ends a test that would never finish, in milliseconds. */
const timeout = 1_200_000;

/** The pages that Astro has built. */
const PAGES = ['/', '/later/'];

describe('islands of five libraries under the policy of Astro', () => {
  let browser;
  before(async () => (browser = await startBrowser()));
  after(() => browser?.close());

  test('the policy that Astro wrote is violated', { timeout }, async () => {
    const visitor = await Visitor.arrive(browser, variable('UNCHANGED_URL'));
    try {
      await visitor.goTo('/');
      const violations = () => visitor.problems.filter((problem) => problem.includes('Content Security Policy'));
      // A browser may tell of them after the page has loaded.
      while (violations().length < 3) await visitor.page.waitForEvent('console');
    } finally {
      await visitor.leave();
    }
  });

  for (const path of PAGES) {
    test(`the completed policy is not violated: ${path}`, { timeout }, async () => {
      const visitor = await Visitor.arrive(browser, variable('COMPLETED_URL'));
      try {
        // Islands are waited for, so all of them are hydrated.
        await visitor.open(path);
        assert.deepEqual(visitor.problems, []);
      } finally {
        await visitor.leave();
      }
    });
  }
});
