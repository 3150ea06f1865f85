// The API of `examples/rust-worker`, in workerd with miniflare's KV.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const { Miniflare } = createRequire(join(process.env.WORKER_PACK_TOOLS, '/'))('miniflare');
const build = fileURLToPath(new URL('../../examples/rust-worker/build/', import.meta.url));

function start(options) {
  return new Miniflare({
    modulesRoot: build,
    modules: [
      { type: 'ESModule', path: join(build, 'index.js') },
      { type: 'CompiledWasm', path: join(build, 'index_bg.wasm') },
    ],
    compatibilityDate: '2026-06-01',
    host: '127.0.0.1',
    cf: false,
    ...options,
  });
}

let worker;
before(() => {
  worker = start({ kvNamespaces: ['LETTERS'] });
});
after(() => worker.dispose());

const fetch = (path, options) => worker.dispatchFetch(`http://site.example${path}`, options);

/** Sends a letter. */
const send = (body) => fetch('/api/letters', { method: 'POST', body });

async function assertProblem(response, status) {
  assert.equal(response.status, status);
  assert.equal(response.headers.get('Content-Type'), 'application/json');
  assert.equal(response.headers.get('Cache-Control'), 'no-store');
  assert.equal(typeof (await response.json()).error, 'string');
}

test('health is ok with a namespace for letters', async () => {
  const response = await fetch('/api/health');
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('Cache-Control'), 'no-store');
  assert.deepEqual(await response.json(), { status: 'ok', letters: true, version: '0.0.0' });
  const head = await fetch('/api/health', { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), '');
});

test('a letter is stored for ninety days', async () => {
  const before = Math.floor(Date.now() / 1000);
  const letter = { name: 'Ada', text: 'The waders are back.' };
  const response = await send(JSON.stringify(letter));
  assert.equal(response.status, 201);
  const { letter: id } = await response.json();
  assert.match(id, /^[0-9a-f]{32}$/);
  const letters = await worker.getKVNamespace('LETTERS');
  const { keys } = await letters.list({ prefix: 'letter/' });
  const stored = keys.find((key) => key.name === `letter/${id}`);
  assert.deepEqual(JSON.parse(await letters.get(stored.name)), letter);
  const lifetime = 90 * 24 * 60 * 60;
  // KV counts in whole seconds.
  const latest = Math.ceil(Date.now() / 1000) + lifetime;
  assert.ok(stored.expiration >= before + lifetime && stored.expiration <= latest, stored.expiration);
});

test('bodies that are no letters are refused', async () => {
  for (const [body, status] of [
    ['', 400],
    ['hello', 400],
    ['{"name":"Ada"}', 400],
    ['{"name":"Ada","text":"x","admin":true}', 400],
    ['{"name":"Ada","text":" "}', 422],
    [JSON.stringify({ name: 'Ada', text: 'x'.repeat(10_000) }), 413],
  ]) {
    await assertProblem(await send(body), status);
  }
});

test('unsupported methods get 405 with Allow', async () => {
  for (const [method, path, allowed] of [
    ['POST', '/api/health', 'GET, HEAD'],
    ['PROPFIND', '/api/health', 'GET, HEAD'],
    ['GET', '/api/letters', 'POST'],
    ['OPTIONS', '/api/letters', 'POST'],
  ]) {
    const response = await fetch(path, { method });
    assert.equal(response.headers.get('Allow'), allowed, `${method} ${path}`);
    await assertProblem(response, 405);
  }
});

test('missing paths get JSON below /api and a page elsewhere', async () => {
  for (const path of ['/api', '/api/', '/api/letter', '/api/letters/']) {
    await assertProblem(await fetch(path, { method: 'POST' }), 404);
  }
  for (const path of ['/apis', '/letters']) {
    const response = await fetch(path);
    assert.equal(response.status, 404);
    assert.equal(response.headers.get('Content-Type'), 'text/html; charset=utf-8');
  }
});

test('a missing namespace for letters gets 503 and 500 without a panic', async () => {
  const without = start({});
  try {
    const health = await without.dispatchFetch('http://site.example/api/health');
    assert.equal(health.status, 503);
    assert.equal((await health.json()).letters, false);
    const letters = 'http://site.example/api/letters';
    await assertProblem(await without.dispatchFetch(letters, { method: 'POST', body: '{}' }), 500);
    assert.equal((await without.dispatchFetch('http://site.example/')).status, 200);
  } finally {
    await without.dispose();
  }
});
