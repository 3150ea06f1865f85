// What is refused and what is not: methods, origins, quotas, and variables that cannot be read.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, test } from 'node:test';

import { SITE, assertProblem } from '../voice_agent.mjs';
import { SessionAgent, sessionAgent } from './objects.mjs';

/** The header fields of every response, from `_headers`. */
const FIELDS = readFileSync(new URL('../../site/public/_headers', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('  '))
  .map((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]);

describe('the end of a call', () => {
  const agent = sessionAgent();

  test('is not refused to a client that has sent too many requests', async () => {
    const from = agent.client();
    const { id, call } = await agent.connect({}, { from });
    // Its windows begin with the minutes of the clock, so that two of them may count these.
    const looks = await Promise.all(
      Array.from({ length: 200 }, () => agent.send('GET', `session/${id}`, { from })),
    );
    const refused = looks.filter(({ status }) => status === 429);
    assert.ok(refused.length >= 80, `${refused.length} were refused`);
    assert.equal((await agent.hangUp(id, { from })).status, 204);
    assert.equal(call.hangUps, 1);
  });
});

describe('a request beyond a quota', () => {
  const agent = sessionAgent({ vars: { CALLS_A_MINUTE: 1 } });

  test('writes nothing', async () => {
    const from = agent.client();
    await agent.open({ from });
    const writes = await agent.writes(from);
    assert.equal(writes, 2, 'the window and the alarm');
    for (let times = 0; times < 5; times += 1) {
      await assertProblem(await agent.offer({ from }), 429, 'too-many-requests');
    }
    assert.equal(await agent.writes(from), writes);
  });
});

describe('a method', () => {
  const agent = sessionAgent();

  for (const method of ['PROPFIND', 'PURGE', 'PUT', 'PATCH', 'TRACE', 'OPTIONS']) {
    test(`${method} is not that of an endpoint, and is refused`, async () => {
      const socket = connect(agent.worker.url.port, '127.0.0.1');
      socket.write(`${method} /api/voice-agent/rtc-config HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      let response = '';
      socket.on('data', (chunk) => (response += chunk));
      await once(socket, 'close');
      assert.match(response, /^HTTP\/1\.1 405 /);
      assert.match(response, /\r\nallow: GET, HEAD\r\n/i);
    });
  }
});

describe('a response of the middleware', () => {
  const agent = sessionAgent();

  for (const [name, method, origin, status] of [
    ['a preflight', 'OPTIONS', SITE, 204],
    ['a refused preflight', 'OPTIONS', 'https://evil.example', 403],
    ['a refused request', 'POST', 'https://evil.example', 403],
  ]) {
    test(`to ${name} has the fields of \`_headers\``, async () => {
      const headers = { Origin: origin, 'Access-Control-Request-Method': 'POST' };
      const response = await agent.send(method, 'sdp', { headers });
      assert.equal(response.status, status);
      assert.ok(FIELDS.length >= 6);
      for (const [field, value] of FIELDS) assert.equal(response.headers.get(field), value, field);
    });
  }
});

describe('a request with a body while Pages is down', () => {
  const agent = sessionAgent({ vars: { PAGES_ORIGIN: 'http://127.0.0.1:9', PAGES_PERCENT: 100 } });

  /** Asserts that a response names its request, which the log has too. */
  const assertLogged = async (response, status) => {
    const id = response.headers.get('X-Request-Id');
    assert.match(id, /^[0-9a-f]{32}$/);
    const line = await agent.line(`"request_id":"${id}"`);
    assert.ok(line.includes('"kind":"failed"') && line.includes(`"status":${status}`), line);
    return id;
  };

  test('is a problem for the API', async () => {
    const response = await agent.chat([{ role: 'user', text: 'Hello' }]);
    await assertLogged(response, 500);
    assert.equal(response.headers.get('Content-Type'), 'application/problem+json');
    assert.equal((await response.json()).instance, response.headers.get('X-Request-Id'));
  });

  test('is a line with the name of the request for the site', async () => {
    const response = await agent.worker.dispatchFetch(`${SITE}/contact`, { method: 'POST', body: 'a=b' });
    assert.equal(response.status, 502);
    const id = await assertLogged(response, 502);
    assert.ok((await response.text()).includes(id));
  });
});

describe('variables that cannot be read', () => {
  const SECRET = 'hunter2';

  for (const [name, vars] of [
    ['a credential that is a number', { ICE_SERVERS: [{ urls: 'turn:t.example', username: 'u', credential: 8472915 }] }],
    ['a text instead of a list', { ICE_SERVERS: `turn:user:${SECRET}@t.example` }],
    ['a JSON text instead of a list', { ICE_SERVERS: `"turn:user:${SECRET}@t.example"` }],
    ['prices with another name', { PRICES: { [SECRET]: 1 } }],
    ['prices of text', { PRICES: { minute: SECRET } }],
    ['an API', { VOICE_API: SECRET }],
    ['numbers', { SESSION_MINUTES: SECRET, SLOW_REQUEST_MS: SECRET, CALLS_A_MINUTE: SECRET }],
    ['URLs', { OPENAI_BASE_URL: `https://x:${SECRET}@v.example/path`, PAGES_ORIGIN: `https://x/${SECRET}` }],
    ['URLs of regions', { REGION_BASE_URLS: { EU: `https://x:${SECRET}@v.example/path` } }],
    ['origins', { ALLOWED_ORIGINS: `https://a.example, https://x:${SECRET}@p.example/path` }],
  ]) {
    test(`such as ${name} are named without their values`, async (t) => {
      const agent = await SessionAgent.start({ vars });
      t.after(() => agent.stop());
      const health = await (await agent.send('GET', 'health')).text();
      const problem = await assertProblem(await agent.offer(), 503, 'not-configured');
      for (const variable of Object.keys(vars)) {
        assert.ok(health.includes(variable) && problem.detail.includes(variable), variable);
      }
      for (const text of [health, JSON.stringify(problem), ...agent.log]) {
        assert.ok(!text.includes(SECRET) && !text.includes('8472915'), text);
      }
    });
  }

  for (const key of ['sk-hunter2-0123456789…', 'sk-hunter2-0123\n456789', 'sk-hunter2-0123456789\n']) {
    test(`such as the key ${JSON.stringify(key)} reach neither a response nor the log`, async (t) => {
      const agent = await SessionAgent.start({ vars: { OPENAI_API_KEY: key } });
      t.after(() => agent.stop());
      const texts = [await (await agent.offer()).text(), await (await agent.send('GET', 'health')).text()];
      for (const text of [...texts, ...agent.log]) assert.ok(!text.includes(SECRET), text);
    });
  }
});
