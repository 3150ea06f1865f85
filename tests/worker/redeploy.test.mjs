// Dictionaries in a real browser over deployments of a site (RFC 9842), with the option `keep`.
//
//     FIRST_URL=… EDITED_URL=… OTHER_URL=… node --test tests/worker/redeploy.test.mjs
//
// The URLs are those of `worker-pack serve`, each for a build of the same site: the first one, one whose pages differ
// in a few bytes, and one whose pages have half of their text in common with those. A server here has one origin for
// all of them. `WORKER_PACK_TOOLS` and `WORKER_PACK_CHROMIUM` are those of `browser.test.mjs`.

import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import { after, before, test } from 'node:test';

import { Exchanges, counted } from './exchanges.mjs';
import { dictionaryOf } from './redeploy.mjs';
import { Visitor, inTime, startBrowser, variable } from './visitor.mjs';

/** Ends a test that would never finish, in milliseconds. */
const timeout = 1_200_000;

const [FIRST, EDITED, OTHER] = ['FIRST_URL', 'EDITED_URL', 'OTHER_URL'].map(variable);

let browser;
let origin;
let deployed = FIRST;

/** Passes requests on to the build that is deployed. */
const server = createServer((asked, answer) => {
  const { method, headers, url } = asked;
  const passed = request(new URL(url, deployed), { method, headers }, (reply) => {
    answer.writeHead(reply.statusCode, reply.headers);
    reply.pipe(answer);
  });
  passed.end();
});

before(async () => {
  browser = await startBrowser();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://localhost:${server.address().port}/`;
});
after(async () => {
  await browser?.close();
  server.closeAllConnections();
  server.close();
});

test('a visitor of the last deployment gets differences at once', { timeout }, async () => {
  const [visitor, log] = await visit(FIRST);
  const before = await log.of('/');
  await untilOffered(visitor, log);

  deployed = EDITED;
  await visitor.goTo('/4/');
  const first = await log.of('/4/');
  assert.equal(first.answer['content-encoding'], 'dcb');
  assert.equal(dictionaryOf(first), dictionaryOf(before));
  const plain = await counted(browser, origin, '/4/');
  assert.ok(first.bytes < plain.bytes - 1000, `${first.bytes} of ${plain.bytes} bytes`);
  assert.equal(await visitor.page.title(), '4');
  assert.match(await visitor.page.textContent('footer'), /A new edition/);
  // Nothing else was fetched.
  assert.deepEqual(log.all(dictionaryOf(first)).filter(({ status }) => status), []);
  assert.deepEqual(visitor.problems, []);
  await visitor.leave();
});

test('a new dictionary is fetched as its difference to the one before', { timeout }, async () => {
  const [visitor, log] = await visit(EDITED);
  const before = await log.of('/');
  const old = await untilOffered(visitor, log);

  deployed = OTHER;
  await visitor.goTo('/4/');
  const first = await log.of('/4/');
  assert.equal(first.asked['available-dictionary'], old);
  assert.equal(first.answer['content-encoding'], 'dcb');
  const plain = await counted(browser, origin, '/4/');
  assert.ok(first.bytes < plain.bytes - 500, `${first.bytes} of ${plain.bytes} bytes`);
  assert.notEqual(dictionaryOf(first), dictionaryOf(before));
  const dictionary = await log.of(dictionaryOf(first));
  assert.equal(dictionary.asked['available-dictionary'], old);
  assert.equal(dictionary.answer['content-encoding'], 'dcb');

  // The browser has stored it, and offers it alone from now on.
  const offered = await untilOffered(visitor, log, old);
  await visitor.goTo('/5/');
  const second = await log.of('/5/');
  assert.equal(second.asked['available-dictionary'], offered);
  assert.equal(second.answer['content-encoding'], 'dcb');
  assert.equal(await visitor.page.title(), '5');
  assert.deepEqual(visitor.problems, []);
  await visitor.leave();
});

/** Opens the first page of a build in a visit of its own. */
async function visit(build) {
  deployed = build;
  const visitor = await Visitor.arrive(browser, origin);
  const log = await Exchanges.of(visitor.page);
  await visitor.open('/');
  return [visitor, log];
}

/** Loads the first page until the browser offers a dictionary, other than a given one. Returns its hash. */
async function untilOffered(visitor, log, other) {
  const offered = async () => {
    for (;;) {
      log.clear();
      await visitor.page.evaluate(async () => (await fetch('/', { cache: 'no-store' })).text());
      const dictionary = (await log.of('/')).asked['available-dictionary'];
      if (dictionary && dictionary !== other) {
        log.clear();
        return dictionary;
      }
    }
  };
  return inTime(offered(), () => 'the browser offers no dictionary');
}
