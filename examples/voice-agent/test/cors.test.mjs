// The origins that may use the API.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { SITE, assertProblem, voiceAgent } from './voice_agent.mjs';

const PARTNER = 'https://partner.example';

describe('a page', () => {
  const agent = voiceAgent({ vars: { ALLOWED_ORIGINS: `${PARTNER}, http://localhost:4321` } });

  for (const origin of [SITE, PARTNER, 'http://localhost:4321']) {
    test(`of ${origin} may use the API with cookies`, async () => {
      const response = await agent.send('GET', 'rtc-config', { headers: { Origin: origin } });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('Access-Control-Allow-Origin'), origin);
      assert.equal(response.headers.get('Access-Control-Allow-Credentials'), 'true');
      assert.match(response.headers.get('Vary'), /\bOrigin\b/);
      assert.match(response.headers.get('Access-Control-Expose-Headers'), /Retry-After/);
    });

    test(`of ${origin} gets an answer to its preflight`, async () => {
      for (const [endpoint, methods] of [['sdp', 'POST'], ['session/x', 'GET, HEAD, DELETE']]) {
        const response = await agent.send('OPTIONS', endpoint, {
          headers: {
            Origin: origin,
            'Access-Control-Request-Method': 'POST',
            'Access-Control-Request-Headers': 'idempotency-key',
          },
        });
        assert.equal(response.status, 204);
        assert.equal(response.headers.get('Access-Control-Allow-Origin'), origin);
        assert.equal(response.headers.get('Access-Control-Allow-Methods'), methods);
        assert.match(response.headers.get('Access-Control-Allow-Headers'), /Idempotency-Key/);
        assert.equal(response.headers.get('Access-Control-Max-Age'), '600');
      }
    });

    test(`of ${origin} can read problems too`, async () => {
      const response = await agent.send('GET', 'nothing', { headers: { Origin: origin } });
      assert.equal(response.headers.get('Access-Control-Allow-Origin'), origin);
      await assertProblem(response, 404, 'not-found');
    });
  }

  for (const origin of [
    'https://evil.example',
    'http://second-chair.example',
    'https://second-chair.example.evil.example',
    'https://second-chair.example:8443',
    'https://partner.example.evil.example',
    'https://xpartner.example',
    'HTTPS://PARTNER.EXAMPLE',
    'null',
  ]) {
    test(`of ${origin} may not use the API`, async () => {
      await agent.control('reset', {});
      for (const [method, endpoint] of [['GET', 'rtc-config'], ['POST', 'token'], ['OPTIONS', 'sdp'], ['GET', 'nothing']]) {
        const headers = { Origin: origin, 'Access-Control-Request-Method': 'POST' };
        const response = await agent.send(method, endpoint, { headers });
        assert.equal(response.headers.get('Access-Control-Allow-Origin'), null);
        assert.equal(response.headers.get('Access-Control-Allow-Credentials'), null);
        assert.match(response.headers.get('Vary'), /\bOrigin\b/);
        await assertProblem(response, 403, 'forbidden-origin');
      }
      assert.deepEqual(await agent.control('log'), []);
    });
  }

  test('of any site can be visited', async () => {
    const headers = { Origin: 'https://evil.example' };
    assert.equal((await agent.worker.dispatchFetch(SITE, { headers })).status, 200);
  });
});

describe('a request without an origin', () => {
  const agent = voiceAgent();

  test('is answered, and varies by it all the same', async () => {
    const response = await agent.send('GET', 'rtc-config');
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('Access-Control-Allow-Origin'), null);
    assert.match(response.headers.get('Vary'), /\bOrigin\b/);
  });
});
