// All pages in Chromium: without a word in the console, by keyboard, and with the header fields of security.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { voiceAgent } from '../voice_agent.mjs';
import { chromiumWith, failedResponse, visit } from './visitor.mjs';

const browser = chromiumWith('beeping');

const PAGES = [
  ['/', 200],
  ['/training/', 200],
  ['/training/missed-forecast/', 200],
  ['/training/largest-customer/', 200],
  ['/training/resignation/', 200],
  ['/training/closing-the-site/', 200],
  ['/training/reporter/', 200],
  ['/training/founder/', 200],
  ['/voice/', 200],
  ['/account/', 200],
  ['/problems/', 200],
  ['/no-such-page/', 404],
];

const OTHERS = ['/favicon.svg', '/robots.txt', '/training', '/api/voice-agent/health', '/api/voice-agent/rtc-config', '/api/none'];

/** What each response has to have. */
const FIELDS = {
  'x-content-type-options': /^nosniff$/,
  'referrer-policy': /^(same-origin|no-referrer|strict-origin-when-cross-origin)$/,
  'permissions-policy': /microphone=\(self\)/,
  'x-frame-options': /^DENY$/,
  'strict-transport-security': /^max-age=\d{8}/,
  'cross-origin-opener-policy': /^same-origin$/,
};

function assertFields(url, headers) {
  for (const [name, pattern] of Object.entries(FIELDS)) assert.match(headers[name] ?? '', pattern, `${name} of ${url}`);
}

/** Returns the policies of a page, from its header field and its elements. */
async function policiesOf(page, response) {
  const elements = page.locator('meta[http-equiv="content-security-policy" i]');
  const inPage = await elements.evaluateAll((all) => all.map((element) => element.content));
  return [response.headers()['content-security-policy'], ...inPage].filter((policy) => policy !== undefined);
}

/** Presses Tab through a page. Returns what got the focus, and how it shows that. */
async function tabThrough(page) {
  await page.evaluate(() => {
    const candidates = 'a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex="-1"])';
    const isReachable = (element) => element.checkVisibility() && !element.disabled && element.type !== 'hidden';
    globalThis.left = new Set([...document.querySelectorAll(candidates)].filter(isReachable));
  });
  const stops = [];
  for (let stop = 0; stop < 150; stop += 1) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body || !globalThis.left.delete(element)) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const { width, height, top, bottom } = element.getBoundingClientRect();
      return {
        name: `${element.localName} ${element.textContent.trim().slice(0, 30)}`,
        outline: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
        inView: width > 0 && height > 0 && bottom > 0 && top < innerHeight,
      };
    });
    if (seen === null) break;
    stops.push(seen);
  }
  const left = await page.evaluate(() => [...globalThis.left].map((element) => element.outerHTML.slice(0, 80)));
  return { stops, left };
}

describe('a page', () => {
  const agent = voiceAgent();

  for (const [path, status] of PAGES) {
    const expected = status === 200 ? [] : [failedResponse(status)];

    test(`${path} is quiet in the console, and has a strict policy and header fields of security`, () =>
      visit(browser, agent, { path: null, expected }, async (visitor) => {
        const responses = [];
        visitor.page.on('response', (response) => responses.push(response));
        const response = await visitor.go(path);
        assert.equal(response.status(), status);
        await visitor.page.waitForLoadState('networkidle');
        assert.equal(await visitor.page.locator('h1').count(), 1);
        const policies = await policiesOf(visitor.page, response);
        assert.ok(policies.length > 0, 'a policy');
        for (const policy of policies) {
          assert.match(policy, /default-src 'self'/);
          assert.match(policy, /script-src 'self'/);
          assert.match(policy, /object-src 'none'/);
          assert.match(policy, /connect-src 'self'(;|$)/);
          assert.doesNotMatch(policy, /unsafe-|openai|https?:|\*/);
        }
        for (const each of responses) assertFields(each.url(), each.headers());
      }));

    test(`${path} is reached by the keyboard in all its parts, and shows the focus`, () =>
      visit(browser, agent, { path, expected, reducedMotion: 'reduce' }, async (visitor) => {
        const { stops, left } = await tabThrough(visitor.page);
        assert.deepEqual(left, [], 'not reached');
        assert.deepEqual(stops.filter(({ outline, inView }) => !outline || !inView), []);
        assert.match(stops[0].name, /Skip to content/);
      }));
  }

  test('lets the keyboard skip to its content', () =>
    visit(browser, agent, { path: '/' }, async (visitor) => {
      await visitor.page.keyboard.press('Tab');
      await visitor.page.keyboard.press('Enter');
      assert.equal(await visitor.page.evaluate(() => document.activeElement.id), 'content');
      await visitor.page.keyboard.press('Tab');
      assert.equal(await visitor.page.evaluate(() => document.activeElement.closest('main') !== null), true);
    }));

  test('moves nothing for people who prefer that', () =>
    visit(browser, agent, { path: '/', reducedMotion: 'reduce' }, async (visitor) => {
      const still = () =>
        visitor.page.evaluate(() => {
          const moving = [...document.querySelectorAll('*')].filter((element) => {
            const { transitionDuration, animationName } = getComputedStyle(element);
            return /[1-9]/.test(transitionDuration) || animationName !== 'none';
          });
          return [moving.length, document.getAnimations().length, getComputedStyle(document.documentElement).scrollBehavior];
        });
      assert.deepEqual(await still(), [0, 0, 'auto']);
      await visitor.go('/voice/');
      await agent.mode('slow', { delay_ms: 60_000, path: '/v1/realtime' });
      await visitor.press('start');
      await visitor.state('connecting');
      assert.deepEqual(await still(), [0, 0, 'auto'], 'while a call is placed');
      await visitor.press('end');
      await visitor.state('ended');
    }));

  test('can be read without JavaScript, and the voice room says that it needs it', () =>
    visit(browser, agent, { path: null, javaScriptEnabled: false }, async (visitor) => {
      const { page } = visitor;
      await page.goto(new URL('/training/founder/', agent.worker.url).href);
      await page.locator('h1').filter({ hasText: 'Asking the founder to step back' }).waitFor();
      await page.goto(new URL('/voice/', agent.worker.url).href);
      await page.locator('.note').filter({ hasText: 'The voice room needs JavaScript.' }).waitFor();
    }));
});

describe('a response', () => {
  const agent = voiceAgent();

  for (const path of OTHERS) {
    test(`for ${path} has the header fields of security`, async () => {
      const response = await fetch(new URL(path, agent.worker.url), { redirect: 'manual' });
      assertFields(path, Object.fromEntries(response.headers));
      await response.arrayBuffer();
    });
  }
});

describe('a page that cannot be rendered', () => {
  const agent = voiceAgent({ without: ['SESSIONS'] });

  test('is a page of its own with the status 500', () =>
    visit(browser, agent, { path: null, expected: [failedResponse(500)] }, async (visitor) => {
      const response = await visitor.go('/account/');
      assert.equal(response.status(), 500);
      assert.equal(await visitor.page.locator('h1').innerText(), 'We lost the thread');
      assertFields('/account/', response.headers());
      assert.ok((await policiesOf(visitor.page, response)).length > 0);
      assert.doesNotMatch(await visitor.page.content(), /unstorage|\.mjs:|at async/);
    }));
});
