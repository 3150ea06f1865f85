// Secrets stay in the Worker: they reach no response, no log, no KV and no file of the site.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { METRICS_TOKEN, STUB_KEY, startWorker } from '../dev/worker.mjs';
import { STAY_OPEN } from '../stub/connection.mjs';
import { OFFER, VoiceAgent } from './voice_agent.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const SECRETS = [STUB_KEY, METRICS_TOKEN];

/** Asserts that a text contains no secret. */
function assertNoSecret(text, where) {
  for (const secret of SECRETS) assert.ok(!text.includes(secret), `${where}: ${text}`);
}

describe('a voice service that repeats everything it gets', () => {
  let service, worker;
  const log = [];
  /** How it answers the next requests. */
  let status = 200;
  before(async () => {
    service = createServer(STAY_OPEN, async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const message = `${JSON.stringify(request.headers)} ${body}`.slice(0, 4_000);
      response.writeHead(status, { 'Content-Type': 'application/json', 'X-Key': STUB_KEY });
      response.end(JSON.stringify({ error: { message, type: message, code: message }, data: [] }));
    });
    await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve));
    worker = await startWorker({
      upstream: `http://127.0.0.1:${service.address().port}`,
      miniflare: { handleStructuredLogs: (line) => log.push(JSON.stringify(line)) },
    });
  });
  after(async () => {
    await worker.dispose();
    service.close();
  });

  test('makes no endpoint give a secret away, whatever its status', async () => {
    const agent = new VoiceAgent({ url: '' }, worker);
    for (status of [200, 201, 400, 401, 403, 404, 413, 422, 429, 500, 503]) {
      const responses = [
        await agent.offer(),
        await agent.send('POST', 'token'),
        await agent.chat([{ role: 'user', text: 'Hello' }]),
        await agent.send('GET', 'health'),
        await agent.send('GET', 'metrics', { headers: { Authorization: `Bearer ${STUB_KEY}` } }),
        await agent.send('GET', 'rtc-config'),
      ];
      for (const response of responses) {
        assertNoSecret(JSON.stringify([...response.headers]), 'header fields');
        assertNoSecret(await response.text(), `status ${status}`);
      }
    }
    for (const namespace of ['SESSIONS', 'RATE_LIMITS', 'PERFORMANCE_LOGS', 'VOICE_CACHE']) {
      assertNoSecret(JSON.stringify(await agent.kept(namespace)), namespace);
    }
    assert.ok(log.length > 0, 'the log was read');
    assertNoSecret(log.join('\n'), 'log');
  });
});

describe('the log', () => {
  test('has neither addresses of clients nor names of sessions', async (t) => {
    const log = [];
    const agent = await VoiceAgent.start({
      vars: { SLOW_REQUEST_MS: 0 },
      miniflare: { handleStructuredLogs: (line) => log.push(JSON.stringify(line)) },
    });
    t.after(() => agent.stop());
    const from = agent.client();
    const id = await agent.open({ from });
    await agent.session(id);
    await agent.mode('500');
    await agent.send('DELETE', `session/${id}`, { from });
    await agent.offer({ from, resume: id });
    await agent.send('POST', 'chat', { from, body: 'x' });
    const text = log.join('\n') + JSON.stringify(await agent.kept('PERFORMANCE_LOGS'));
    assert.ok(text.includes('session/…'));
    assert.ok(!text.includes(id) && !text.includes(from), text);
    assert.ok(!text.includes(OFFER.slice(0, 40)), text);
  });
});

test('the files of the site and of the Worker contain no secret and no key of the voice service', () => {
  for (const folder of ['build', 'site/dist']) {
    const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((entry) => entry.isFile())) {
      const text = readFileSync(join(entry.parentPath, entry.name), 'latin1');
      assert.ok(!/sk-[A-Za-z0-9_-]{16,}/.test(text), entry.name);
      assertNoSecret(text, entry.name);
    }
  }
});
