// The plan of the move from Pages: its own tests of compatibility, and its rows in README.md.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { SITE, voiceAgent } from './voice_agent.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('the tests of compatibility in the plan', () => {
  const agent = voiceAgent();

  test('a token is given', async () => {
    const response = await agent.send('POST', 'token');
    assert.equal(response.status, 200);
    const data = await response.json();
    assert.equal(data.success, true);
    assert.ok(data.token);
  });

  test('files are served with their media types, and cached for ever where they never change', async () => {
    const page = await (await agent.worker.dispatchFetch(SITE)).text();
    const files = page.match(/\/_astro\/[\w.-]+\.(css|js)/g);
    assert.ok(files.length > 0);
    for (const file of files) {
      const response = await agent.worker.dispatchFetch(SITE + file);
      assert.equal(response.status, 200);
      const type = file.endsWith('.css') ? 'text/css' : 'text/javascript';
      assert.ok(response.headers.get('Content-Type').startsWith(type), file);
      assert.equal(response.headers.get('Cache-Control'), 'public, max-age=31536000, immutable');
    }
  });

  test('the optimiser names an endpoint and the ICE servers', async () => {
    const config = await (await agent.send('GET', 'rtc-config')).json();
    assert.equal(config.success, true);
    assert.ok(config.endpoint);
    assert.ok(Array.isArray(config.iceServers));
    assert.ok(config.rtcConfiguration);
  });

  test('health is ok, and the chat answers', async () => {
    const health = await (await agent.send('GET', 'health')).json();
    assert.equal(health.status, 'ok');
    const chat = await agent.chat([{ role: 'user', text: 'Hello' }]);
    assert.match(await chat.text(), /response\.completed/);
  });

  test('pages are rendered on demand beside those of the table', async () => {
    assert.equal((await agent.worker.dispatchFetch(`${SITE}/account/`)).status, 200);
    assert.equal((await agent.worker.dispatchFetch(`${SITE}/nowhere`)).status, 404);
  });
});

describe('the page on problems', () => {
  const agent = voiceAgent();

  test('explains every kind of problem, with its title and status', async () => {
    const source = readFileSync(join(root, 'src/problem.rs'), 'utf8');
    const kinds = [...source.matchAll(/\((\d{3}), "([a-z-]+)", "([^"]+)"\)/g)];
    assert.ok(kinds.length > 15, String(kinds.length));
    const page = await (await agent.worker.dispatchFetch(`${SITE}/problems/`)).text();
    for (const [, status, slug, title] of kinds) {
      assert.ok(page.includes(`id="${slug}"`) || page.includes(`id=${slug}`), slug);
      assert.ok(page.includes(title), title);
      assert.ok(page.includes(status), status);
    }
  });
});

describe('README.md', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)];

  test('has every row of the plan', () => {
    const numbers = rows.map(([, number]) => Number(number));
    assert.deepEqual(numbers, Array.from({ length: 23 }, (_, index) => index + 1));
  });

  for (const [, number, system, files, tests] of rows) {
    test(`says truly where row ${number} is (${system.trim()})`, () => {
      const named = [...files.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
      assert.ok(named.length > 0, 'it names no file');
      for (const name of named) assert.ok(existsSync(join(root, name)), `${name} is missing`);
      const [, file, text] = /`([^`]+)`: “(.+)”/.exec(tests) ?? assert.fail(`no test in ${tests}`);
      const source = readFileSync(join(root, file), 'utf8');
      assert.ok(source.includes(text), `${file} has no test “${text}”`);
    });
  }
});
