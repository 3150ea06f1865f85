// Code that pages load by its hash, in a browser.
//
//     SERVED_URL=… POLICIES_URL=… BLOG_URL=… node --test tests/worker/integrity.test.mjs
//
// The first two lead to a site of one page, without and with content security policies, the last one to the blog, as
// a Worker. `WORKER_PACK_TOOLS` and `WORKER_PACK_CHROMIUM` are those of `browser.test.mjs`.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { links } from './page.mjs';
import { Visitor, startBrowser, variable } from './visitor.mjs';

/** Ends a test that would never finish, in milliseconds. */
const timeout = 1_200_000;

/** What a page shows if all of its code has been loaded: a heading, a paragraph, and what the module writes. */
const WHOLE = ['rgb(1, 2, 3)', 'rgb(4, 5, 6)', 'the module has run'];

describe('code that is loaded by its hash', () => {
  let browser;
  before(async () => (browser = await startBrowser()));
  after(() => browser?.close());

  for (const site of ['SERVED_URL', 'POLICIES_URL']) {
    test(`a page works without an error or a warning (${site})`, { timeout }, async () => {
      const visitor = await Visitor.arrive(browser, variable(site));
      try {
        await visitor.open('/');
        await visitor.shows('module', 'the module has run');
        assert.deepEqual(await seen(visitor.page), WHOLE);
        const loaded = await loads(visitor.page);
        assert.ok(loaded.length >= 4, JSON.stringify(loaded));
        for (const { url, integrity } of loaded) assert.match(integrity ?? '', /^sha384-/, url);
        assert.deepEqual(visitor.problems, []);
      } finally {
        await visitor.leave();
      }
    });
  }

  test('every page of the blog works without an error or a warning', { timeout }, async () => {
    const visitor = await Visitor.arrive(browser, variable('BLOG_URL'));
    try {
      const visited = new Set();
      const next = ['/'];
      let checked = 0;
      for (let path; (path = next.pop()) !== undefined; ) {
        if (visited.has(path)) continue;
        visited.add(path);
        const answer = await visitor.context.request.head(new URL(path, visitor.site).href);
        if (!answer.headers()['content-type']?.startsWith('text/html')) continue;
        await visitor.open(path);
        checked += (await loads(visitor.page)).filter((load) => load.integrity).length;
        next.push(...(await links(visitor.page)));
      }
      assert.ok(visited.size > 10 && checked > visited.size, `${checked} loads on ${visited.size} pages`);
    } finally {
      await visitor.leave();
    }
  });

  for (const [what, path, before, after, left] of [
    ['a script', /^\/_astro\/.*\.js$/, 'has run', 'has ran', [WHOLE[0], WHOLE[1], 'no']],
    ['a style sheet of Astro', /^\/_astro\/.*\.css$/, '#010203', '#010204', ['rgb(0, 0, 0)', ...WHOLE.slice(1)]],
    ['a style sheet of `public/`', /^\/plain\..*css$/, '4,5,6', '4,5,7', [WHOLE[0], 'rgb(0, 0, 0)', WHOLE[2]]],
  ]) {
    test(`a byte of ${what} that changes on the way is blocked`, { timeout }, async () => {
      const proxy = await changing(variable('SERVED_URL'), path, before, after);
      const visitor = await Visitor.arrive(browser, proxy.url);
      try {
        await visitor.goTo('/');
        assert.deepEqual(await seen(visitor.page), left);
        assert.equal(proxy.changes > 0, true, 'the byte has changed');
        const refused = visitor.problems.filter((problem) => problem.includes('integrity'));
        assert.ok(refused.length > 0, visitor.problems.join('\n'));
      } finally {
        await visitor.leave();
        proxy.close();
      }
    });
  }
});

/** Returns the URLs of scripts and style sheets that a page loads, with their attributes. */
function loads(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll('script[src], link[rel=stylesheet], link[rel=preload][as=style]')].map(
      (element) => ({
        url: element.src ?? element.href,
        integrity: element.getAttribute('integrity'),
      }),
    ),
  );
}

/** Returns the colours of a page, and what its module has written. */
function seen(page) {
  return page.evaluate(() => [
    getComputedStyle(document.querySelector('h1')).color,
    getComputedStyle(document.querySelector('p')).color,
    document.querySelector('[data-testid=module]').textContent,
  ]);
}

/** Starts a server that passes on what a site answers, but for some bytes of the files at some paths. */
async function changing(site, path, before, after) {
  const proxy = { changes: 0 };
  const server = createServer(async (request, response) => {
    const answer = await fetch(new URL(request.url, site), { headers: { 'accept-encoding': 'identity' } });
    let body = Buffer.from(await answer.arrayBuffer());
    if (path.test(new URL(request.url, site).pathname)) {
      const text = body.toString();
      // A list may have spaces.
      const changed = text.includes(before) ? text.replace(before, after) : text.replace(spaced(before), spaced(after));
      proxy.changes += changed === text ? 0 : 1;
      body = Buffer.from(changed);
    }
    response.statusCode = answer.status;
    for (const name of ['content-type', 'cache-control', 'link']) {
      const value = answer.headers.get(name);
      if (value) response.setHeader(name, value);
    }
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.url = `http://127.0.0.1:${server.address().port}/`;
  proxy.close = () => server.close();
  return proxy;
}

/** Returns a list of numbers with spaces between them. */
function spaced(list) {
  return list.replaceAll(',', ', ');
}
