// Scripts of a new deployment in a real browser that has those of the old one (RFC 9842).
//
//     SERVED_URL=… WORKER_URL=… OLD=… NEW=… node --test tests/worker/deltas.test.mjs
//
// The URLs lead to the same site, served by `worker-pack serve` and as a Worker. `OLD` and `NEW` are the paths of a
// script of an earlier build, which is kept, and of its successor. `WORKER_PACK_TOOLS` and `WORKER_PACK_CHROMIUM`
// are those of `browser.test.mjs`.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Exchanges } from './exchanges.mjs';
import { Visitor, inTime, startBrowser, variable } from './visitor.mjs';

/** Ends a test that would never finish, in milliseconds. */
const timeout = 1_200_000;

/** The name of the host for which browsers use dictionaries without TLS. */
const local = (url) => url.replace('127.0.0.1', 'localhost');

const HOSTS = { serve: variable('SERVED_URL'), worker: variable('WORKER_URL') };
const [OLD, NEW] = [variable('OLD'), variable('NEW')];

/** A path that the pattern of both scripts matches, and that is missing. */
const MISSING = NEW.replace(/\.[^.]+\.js$/, '.missing.js');

describe('with deltas', () => {
  let browser;
  before(async () => (browser = await startBrowser()));
  after(() => browser?.close());

  for (const host of Object.keys(HOSTS)) {
    test(`a script is fetched as its difference to that of the last build (${host})`, { timeout }, async () => {
      const visitor = await Visitor.arrive(browser, local(HOSTS[host]));
      try {
        const log = await Exchanges.of(visitor.page);
        await visitor.open('/');
        const load = (path) => visitor.page.evaluate(async (path) => typeof (await import(path)).f0, path);
        assert.equal(await load(OLD), 'function');
        const old = await log.of(OLD);
        assert.equal(old.answer['content-encoding'], 'br');
        assert.equal(old.answer.vary, 'Accept-Encoding, Available-Dictionary');

        // A browser stores a dictionary after it has loaded the file.
        const offered = async () => {
          for (;;) {
            log.clear();
            await visitor.page.evaluate(async (path) => (await fetch(path)).text(), MISSING);
            if ((await log.of(MISSING)).asked['available-dictionary']) return;
          }
        };
        await inTime(offered(), () => 'the browser offers no dictionary');

        assert.equal(await load(NEW), 'function');
        const changed = await log.of(NEW);
        assert.equal(changed.answer['content-encoding'], 'dcb');
        assert.ok(
          Number(changed.answer['content-length']) * 5 < Number(old.answer['content-length']),
          `${changed.answer['content-length']} of ${old.answer['content-length']} bytes`,
        );
      } finally {
        await visitor.leave();
      }
    });
  }
});
