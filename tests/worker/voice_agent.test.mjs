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
  worker = start({ kvNamespaces: ['SESSIONS'] });
});
after(() => worker.dispose());

const fetch = (path, options) => worker.dispatchFetch(`http://site.example${path}`, options);

/** Minimum time that a session counts against its client, in milliseconds: KV truncates seconds. */
const WINDOW = 59_000;

function openSession(address) {
  const headers = { 'CF-Connecting-IP': address };
  return fetch('/api/voice-agent/token', { method: 'POST', headers });
}

async function assertProblem(response, status) {
  assert.equal(response.status, status);
  assert.equal(response.headers.get('Content-Type'), 'application/json');
  assert.equal(response.headers.get('Cache-Control'), 'no-store');
  assert.equal(typeof (await response.json()).error, 'string');
}

test('health is ok with a namespace for sessions', async () => {
  const response = await fetch('/api/voice-agent/health');
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('Cache-Control'), 'no-store');
  assert.deepEqual(await response.json(), { status: 'ok', sessions: true, version: '0.0.0' });
  const head = await fetch('/api/voice-agent/health', { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), '');
});

/** Asserts that a key expires some seconds after it was written, between the times `begun` and `ended`. */
function assertExpires(key, seconds, begun, ended) {
  const written = (key.expiration - seconds) * 1000;
  // KV counts in whole seconds.
  assert.ok(written > begun - 1000 && written < ended + 1000, `${begun} ${written} ${ended}`);
}

test('a session expires after half an hour', async () => {
  const begun = Date.now();
  const response = await openSession('203.0.113.1');
  const ended = Date.now();
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('Cache-Control'), 'no-store');
  const { session, expires_at, expires_in } = await response.json();
  assert.match(session, /^[0-9a-f]{32}$/);
  assert.equal(expires_in, 1800);

  const sessions = await worker.getKVNamespace('SESSIONS');
  const { keys } = await sessions.list({ prefix: 'session/' });
  const stored = keys.find((key) => key.name === `session/${session}`);
  assert.deepEqual(JSON.parse(await sessions.get(stored.name)), { expires_at });
  // KV counts in whole seconds.
  assert.ok(Math.abs(stored.expiration - Date.parse(expires_at) / 1000) <= 1);
  assertExpires(stored, 1800, begun, ended);
});

/** Opens ten sessions and requests an eleventh. */
async function exceedLimit(address) {
  const ids = new Set();
  for (let opened = 0; opened < 10; opened += 1) {
    const response = await openSession(address);
    assert.equal(response.status, 200);
    ids.add((await response.json()).session);
  }
  assert.equal(ids.size, 10);
  return openSession(address);
}

test('each client opens at most ten sessions a minute', async () => {
  let address, refused, begun;
  let client = 0;
  // On a slow machine the first session may expire before the last one is opened. Then another
  // client tries.
  do {
    begun = Date.now();
    client += 1;
    address = `2001:db8::${client}`;
    refused = await exceedLimit(address);
  } while (Date.now() - begun >= WINDOW);
  const seconds = refused.headers.get('Retry-After');
  assert.match(seconds, /^\d+$/);
  assert.ok(seconds >= 1 && seconds <= 60, seconds);
  await assertProblem(refused, 429);

  // An address with a common prefix, and one that is invalid.
  for (const other of [`${address}:2`, '2001:db8::', '203.0.113.2', 'nonsense']) {
    assert.equal((await openSession(other)).status, 200, other);
  }
});

test('counts expire after one minute, the minimum of KV', async () => {
  const begun = Date.now();
  await openSession('203.0.113.3');
  const ended = Date.now();
  const sessions = await worker.getKVNamespace('SESSIONS');
  const { keys } = await sessions.list({ prefix: 'opened/203.0.113.3/' });
  assert.equal(keys.length, 1);
  assertExpires(keys[0], 60, begun, ended);
});

test('unsupported methods get 405 with Allow', async () => {
  for (const [method, path, allowed] of [
    ['POST', '/api/voice-agent/health', 'GET, HEAD'],
    ['PROPFIND', '/api/voice-agent/health', 'GET, HEAD'],
    ['GET', '/api/voice-agent/token', 'POST'],
    ['OPTIONS', '/api/voice-agent/token', 'POST'],
  ]) {
    const response = await fetch(path, { method });
    assert.equal(response.headers.get('Allow'), allowed, `${method} ${path}`);
    await assertProblem(response, 405);
  }
});

test('missing paths get JSON below /api and a page elsewhere', async () => {
  for (const path of ['/api', '/api/', '/api/voice-agent', '/api/voice-agent/token/']) {
    await assertProblem(await fetch(path, { method: 'POST' }), 404);
  }
  for (const path of ['/apis', '/voice-agent']) {
    const response = await fetch(path);
    assert.equal(response.status, 404);
    assert.equal(response.headers.get('Content-Type'), 'text/html; charset=utf-8');
  }
});

test('a missing namespace for sessions gets 503 and 500 without a panic', async () => {
  const without = start({});
  try {
    const health = await without.dispatchFetch('http://site.example/api/voice-agent/health');
    assert.equal(health.status, 503);
    assert.equal((await health.json()).sessions, false);
    const token = 'http://site.example/api/voice-agent/token';
    await assertProblem(await without.dispatchFetch(token, { method: 'POST' }), 500);
    assert.equal((await without.dispatchFetch('http://site.example/')).status, 200);
  } finally {
    await without.dispose();
  }
});
