// Content security policies of pages in a browser.
//
//     WORKER_URL=… SERVED_URL=… ROUTED_URL=… STRICT_URL=… COMPLETED_URL=… UNCHANGED_URL=… \
//       node --test tests/worker/policies.test.mjs
//
// The first two lead to the blog, as a Worker, and by `worker-pack serve` with `strict-dynamic`; the others to sites of
// two pages that Astro has built: with its router; with its router and `strict-dynamic`; with its own policies, completed;
// and with its own policies as they are.
// `WORKER_PACK_TOOLS` and `WORKER_PACK_CHROMIUM` are those of `browser.test.mjs`.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { links } from './page.mjs';
import { Visitor, startBrowser, variable } from './visitor.mjs';

/** Ends a test that would never finish, in milliseconds. */
const timeout = 1_200_000;

const FIELD = 'content-security-policy';

/** A policy by which any script of the site runs. */
const BY_HOSTS = /^script-src 'self' 'sha256-(?![^;]*'strict-dynamic')/;

/** A policy by which scripts run by their hashes. */
const STRICT = /^script-src [^;]*'strict-dynamic'/;

describe('under policies', () => {
  let browser;
  before(async () => (browser = await startBrowser()));
  after(() => browser?.close());

  /** Declares a test with a visit to a site. It also fails on errors and warnings in the console. */
  const visiting = (name, site, visit) =>
    test(name, { timeout }, async () => {
      const visitor = await Visitor.arrive(browser, variable(site));
      try {
        await visit(visitor).catch((error) => visitor.problems.push(error.stack));
        if (visitor.problems.length > 0) throw new Error(visitor.problems.join('\n'));
      } finally {
        await visitor.leave();
      }
    });

  for (const [site, policy] of [['WORKER_URL', BY_HOSTS], ['SERVED_URL', STRICT]]) {
    visiting(`every page of the blog works without a violation (${site})`, site, async (visitor) => {
      const visited = new Set();
      const next = ['/', '/404'];
      for (let path; (path = next.pop()) !== undefined; ) {
        if (visited.has(path)) continue;
        visited.add(path);
        const answer = await visitor.context.request.head(new URL(path, visitor.site).href);
        if (!answer.headers()['content-type']?.startsWith('text/html')) continue;
        const response = await visitor.open(path);
        // An import map of the laboratory leads names to a folder, in which any module may be meant.
        const expected = path.startsWith('/lab') ? BY_HOSTS : policy;
        assert.match(response.headers()[FIELD], expected, path);
        next.push(...(await links(visitor.page)));
      }
      assert.ok(visited.size > 10, `${visited.size} pages`);
      const missing = await visitor.open('/nope', 404);
      assert.match(missing.headers()[FIELD], policy);
    });
  }

  for (const [site, policy] of [['ROUTED_URL', BY_HOSTS], ['STRICT_URL', STRICT]]) {
    visiting(`a router shows the code of the next page (${site})`, site, async (visitor) => {
      const response = await visitor.open('/');
      assert.match(response.headers()[FIELD], policy);
      await worksAs(visitor, 'One');
      await visitor.page.evaluate(() => (globalThis.isSameDocument = true));
      await visitor.page.click('#next');
      await worksAs(visitor, 'Two');
      assert.equal(await visitor.page.evaluate(() => globalThis.isSameDocument), true);
      // The router loads an empty script to wait for inline modules. Nothing else may be blocked.
      visitor.problems = visitor.problems.filter((problem) => !problem.includes("'data:application/javascript,'"));
    });
  }

  visiting('policies of Astro are completed', 'COMPLETED_URL', async (visitor) => {
    for (const [path, title] of [['/', 'One'], ['/two/', 'Two']]) {
      const response = await visitor.open(path);
      assert.equal(response.headers()[FIELD], undefined);
      await worksAs(visitor, title);
    }
  });

  test('policies of Astro block code of the same pages as it has built them', { timeout }, async () => {
    const visitor = await Visitor.arrive(browser, variable('UNCHANGED_URL'));
    try {
      await visitor.goTo('/');
      await visitor.shows('module', 'module');
      await visitor.shows('inline', 'no');
      const blocked = visitor.problems.filter((problem) => problem.includes('Content Security Policy'));
      assert.ok(blocked.length >= 3, visitor.problems.join('\n'));
    } finally {
      await visitor.leave();
    }
  });

  test('an inline script with a changed byte is blocked', { timeout }, async () => {
    const visitor = await Visitor.arrive(browser, variable('ROUTED_URL'));
    try {
      await visitor.page.route('**/*', async (route) => {
        if (route.request().resourceType() !== 'document') return route.continue();
        const response = await route.fetch();
        const text = await response.text();
        await route.fulfill({ response, body: text.replace('inline of One', 'inline of Own') });
      });
      await visitor.goTo('/');
      await visitor.shows('module', 'module');
      await visitor.shows('inline', 'no');
      const isViolation = (problem) => problem.includes('Content Security Policy');
      assert.equal(visitor.problems.filter(isViolation).length, 1, visitor.problems.join('\n'));
    } finally {
      await visitor.leave();
    }
  });
});

/** Checks that all code of a page has run, and that its styles apply. */
async function worksAs(visitor, title) {
  await visitor.shows('name', title);
  await visitor.shows('inline', `inline of ${title}`);
  await visitor.shows('module', 'module');
  await visitor.shows('mapped', `mapped on ${title}`);
  const colours = await visitor.page.evaluate(() => [
    getComputedStyle(document.querySelector('[data-testid=coloured]')).color,
    getComputedStyle(document.querySelector('h1')).backgroundColor,
  ]);
  assert.deepEqual(colours, ['rgb(1, 2, 3)', 'rgb(4, 5, 6)']);
}
