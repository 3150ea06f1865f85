// Policies with `'strict-dynamic'` in Chromium and Firefox.
//
//     STRICT_URL=… HOSTS_URL=… LOADED=… node --test tests/worker/strict_policies.test.mjs
//
// Both URLs lead to the same site, with `csp = "strict-dynamic"` and with `csp = "hashes"`. `LOADED` are the names that its
// scripts write into the title. `WORKER_PACK_TOOLS` and `WORKER_PACK_CHROMIUM` are those of `browser.test.mjs`;
// `WORKER_PACK_FIREFOX` is empty without a Firefox.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Firefox } from './firefox.mjs';
import { Visitor, startBrowser, variable } from './visitor.mjs';

/** Ends a test that would never finish, in milliseconds. */
const timeout = 1_200_000;

/** Resolves to the names of the scripts that have run, in their alphabetical order, when all have. */
const ALL_LOADED = `new Promise((resolve) => {
  const names = () => document.title.split(' ').slice(1).sort().join(' ');
  const check = () => (names() === ${JSON.stringify(variable('LOADED'))} ? resolve(names()) : setTimeout(check, 10));
  check();
})`;

/** Lets the parser add a script of the site that no page loads, and resolves to what becomes of it. */
const ADDED_BY_PARSER = `new Promise((resolve) => {
  // This removes listeners.
  document.open();
  const blocked = ({ blockedURI }) => resolve('blocked ' + new URL(blockedURI).pathname);
  document.addEventListener('securitypolicyviolation', blocked);
  document.write('<title>loaded:</title><script src="/uploaded.js"><' + '/script>');
  document.close();
  const check = () => (document.title.includes('uploaded') ? resolve('runs') : setTimeout(check, 10));
  check();
})`;

describe('in Chromium', () => {
  let browser;
  before(async () => (browser = await startBrowser()));
  after(() => browser?.close());

  for (const [site, expected] of [['STRICT_URL', 'blocked /uploaded.js'], ['HOSTS_URL', 'runs']]) {
    test(`the scripts of the page run, and another one of the site: ${expected}`, { timeout }, async () => {
      const visitor = await Visitor.arrive(browser, variable(site));
      try {
        const response = await visitor.goTo('/');
        const policy = response.headers()['content-security-policy'];
        assert.equal(policy.includes("'strict-dynamic'"), site === 'STRICT_URL', policy);
        assert.equal(await visitor.page.evaluate(ALL_LOADED), variable('LOADED'));
        assert.deepEqual(visitor.problems, []);
        assert.equal(await visitor.page.evaluate(ADDED_BY_PARSER), expected);
      } finally {
        await visitor.leave();
      }
    });
  }

  test('a module with a changed byte is blocked, however it is imported', { timeout }, async () => {
    for (const name of ['deep', 'later', 'named', 'imported']) {
      const visitor = await Visitor.arrive(browser, variable('STRICT_URL'));
      try {
        await visitor.page.route(`**/${name}.*.js`, async (route) => {
          const response = await route.fetch();
          await route.fulfill({ response, body: `${await response.text()}//` });
        });
        const failed = visitor.page.waitForEvent('console', (message) => /integrity/i.test(message.text()));
        await visitor.goTo('/');
        await failed;
        assert.doesNotMatch(await visitor.page.title(), new RegExp(name));
      } finally {
        await visitor.leave();
      }
    }
  });
});

test('in Firefox', { timeout, skip: !process.env.WORKER_PACK_FIREFOX }, async () => {
  const firefox = await Firefox.start();
  try {
    await firefox.goTo(variable('STRICT_URL'));
    assert.equal(await firefox.evaluate(ALL_LOADED), variable('LOADED'));
    assert.equal(await firefox.evaluate(ADDED_BY_PARSER), 'blocked /uploaded.js');
  } finally {
    await firefox.close();
  }
});
