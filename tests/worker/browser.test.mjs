// Workers in a real browser: the sites load, wake up, react, play and are cached as they should.
//
//     BLOG_URL=… SSR_URL=… PAGES_URL=… node --test tests/worker/browser.test.mjs
//
// The URLs are those of running Workers, packed from `examples/blog`, `astro-ssr` and `astro-pages`;
// the last two have the text of `GREETING`, else `Hello.`, as the variable of that name.
// `WORKER_PACK_TOOLS` is a folder whose `node_modules` has `playwright-core`, and
// `WORKER_PACK_CHROMIUM` the browser.

import { after, before, describe, test } from 'node:test';

import { blogTests } from './blog.mjs';
import { cacheTests } from './cache.mjs';
import { loadTests } from './load.mjs';
import { serverTests } from './server.mjs';
import { Visitor, startBrowser, variable } from './visitor.mjs';

const SITES = {
  blog: variable('BLOG_URL'),
  ssr: variable('SSR_URL'),
  pages: variable('PAGES_URL'),
};

/** Far longer than any of the tests takes. */
const timeout = 180_000;

describe('in a browser', { concurrency: 2 }, () => {
  let browser;
  before(async () => (browser = await startBrowser()));
  after(() => browser?.close());

  /**
   * Declares a test in which somebody visits a site, and which fails if anything goes wrong that
   * they would see in the console.
   *
   * @param {string} name what the site does
   * @param {keyof SITES} site
   * @param {(visitor: Visitor) => Promise<void>} visit
   * @param {Parameters<typeof Visitor.arrive>[2]} [look]
   */
  const visiting = (name, site, visit, look) =>
    test(name, { timeout }, async () => {
      const visitor = await Visitor.arrive(browser, SITES[site], look);
      try {
        await visit(visitor).catch((error) => visitor.problems.push(error.stack));
        if (visitor.problems.length > 0) throw new Error(visitor.problems.join('\n'));
      } finally {
        await visitor.leave();
      }
    });

  loadTests(visiting);
  blogTests(visiting);
  cacheTests(visiting);
  serverTests(visiting);
});
