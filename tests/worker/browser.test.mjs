// Workers in a real browser: loading, islands, media, caching, server rendering.
//
//     BLOG_URL=… SSR_URL=… PAGES_URL=… node --test tests/worker/browser.test.mjs
//
// The URLs lead to running Workers, packed from `examples/blog`, `astro-ssr` and `astro-pages`. The
// last two need a variable `GREETING`, equal to that of this process or to `Hello.`.
// `WORKER_PACK_TOOLS` is a folder with `playwright-core` in its `node_modules`;
// `WORKER_PACK_CHROMIUM` is the path of the browser.

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

/** Ends a test that would never finish, in milliseconds. */
const timeout = 1_200_000;

describe('in a browser', { concurrency: 2 }, () => {
  let browser;
  before(async () => (browser = await startBrowser()));
  after(() => browser?.close());

  /**
   * Declares a test with a visit to a site. It also fails on errors and warnings in the console.
   *
   * @param {string} name the behaviour under test
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
