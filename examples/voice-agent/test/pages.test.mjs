// The move from Pages: a share of the visitors gets the earlier deployment.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { STAY_OPEN } from '../stub/connection.mjs';
import { SITE, VoiceAgent } from './voice_agent.mjs';

describe('with half of the visitors on Pages', () => {
  let pages, agent;
  before(async () => {
    pages = createServer(STAY_OPEN, async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.setHeader('Content-Type', 'text/html').setHeader('Set-Cookie', 'of-pages=1');
      if (request.url === '/moved') response.writeHead(302, { Location: '/there' });
      response.end(`Pages ${request.method} ${request.url} ${body}`);
    });
    await new Promise((resolve) => pages.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${pages.address().port}`;
    agent = await VoiceAgent.start({ vars: { PAGES_ORIGIN: origin, PAGES_PERCENT: 50 } });
  });
  after(async () => {
    await agent.stop();
    pages.close();
  });

  const visit = (path, number, init = {}) => {
    const headers = number === undefined ? {} : { Cookie: `a=b; deployment-draw=${number}` };
    return agent.worker.dispatchFetch(SITE + path, { redirect: 'manual', headers, ...init });
  };

  test('a visitor draws a number once, and gets one deployment by it', async () => {
    const numbers = [];
    for (let visitor = 0; visitor < 100; visitor += 1) {
      const response = await visit('/');
      const cookies = response.headers.getSetCookie();
      const [, number] = /deployment-draw=(\d+); Max-Age=2592000; Path=\/; Secure; HttpOnly/.exec(cookies.at(-1));
      const isOfPages = (await response.text()).startsWith('Pages');
      assert.equal(isOfPages, Number(number) < 50, number);
      assert.match(response.headers.get('Vary'), /\bCookie\b/);
      numbers.push(Number(number));
    }
    assert.ok(new Set(numbers).size > 30 && numbers.every((number) => number >= 0 && number < 100));
  });

  test('a number is kept', async () => {
    for (const [number, isOfPages] of [[0, true], [49, true], [50, false], [99, false]]) {
      const response = await visit('/', number);
      assert.equal((await response.text()).startsWith('Pages'), isOfPages, number);
      assert.ok(!response.headers.getSetCookie().some((cookie) => cookie.startsWith('deployment')));
    }
    for (const number of ['100', '-1', 'x']) {
      const cookies = (await visit('/', number)).headers.getSetCookie();
      assert.match(cookies.at(-1), /^deployment-draw=/, number);
    }
  });

  test('Pages gets the request as it is: method, path, query and body', async () => {
    const response = await visit('/form?a=1', 1, { method: 'POST', body: 'x=y' , headers: { Cookie: 'deployment-draw=1' } });
    assert.equal(await response.text(), 'Pages POST /form?a=1 x=y');
    assert.deepEqual(response.headers.getSetCookie(), ['of-pages=1']);
    assert.equal((await visit('/moved', 1)).headers.get('Location'), '/there');
  });

  test('the endpoints of operators are those of the Worker', async () => {
    assert.equal((await visit('/api/voice-agent/health', 1)).status, 200);
    assert.match(await (await visit('/api/voice-agent/token', 1)).text(), /^Pages/);
  });

  test('files that never change are cached as ever', async () => {
    const page = await (await visit('/', 99)).text();
    const [style] = /\/_astro\/[^"]+\.css/.exec(page);
    const response = await visit(style, 99);
    assert.match(response.headers.get('Cache-Control'), /immutable/);
    assert.ok(!/Cookie/.test(response.headers.get('Vary')));
    assert.equal(response.headers.get('X-Request-Id'), null);
  });

  test('visitors get the Worker when Pages cannot be reached', async () => {
    await new Promise((resolve) => {
      pages.close(resolve);
      pages.closeAllConnections();
    });
    const response = await visit('/', 1);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /Second Chair/);
  });
});

describe('without visitors on Pages', () => {
  test('no cookie is set', async (t) => {
    const agent = await VoiceAgent.start({ vars: { PAGES_ORIGIN: 'http://127.0.0.1:9', PAGES_PERCENT: 0 } });
    t.after(() => agent.stop());
    const response = await agent.worker.dispatchFetch(SITE);
    assert.deepEqual(response.headers.getSetCookie(), []);
    assert.ok(!/Cookie/.test(response.headers.get('Vary') ?? ''));
  });
});
