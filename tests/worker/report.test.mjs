// The weight of pages against a real browser, and the page of `worker-pack report` in it.
//
//     SITE_URL=… WEIGHT=weight.json REPORTS=report.html,… node --test tests/worker/report.test.mjs
//
// `SITE_URL` leads to `worker-pack serve`, `WEIGHT` is the output of `worker-pack report --format json`,
// and `REPORTS` are pages of `worker-pack report`. `PAGES` are the paths of pages to compare. Pictures are
// written into the folder `SCREENSHOTS`, if it is set.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { brightness, overflow } from './page.mjs';
import { LIMIT, inTime, startBrowser, variable } from './visitor.mjs';

const timeout = 1_200_000;
const site = variable('SITE_URL');
const reports = variable('REPORTS').split(',');
const screenshots = process.env.SCREENSHOTS;

/** The bodies that a browser receives for a page, by path: their lengths as sent. */
async function received(context, path) {
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  await client.send('Network.enable');
  const urls = new Map();
  const headers = new Map();
  const bodies = new Map();
  let noticed = () => {};
  client.on('Network.requestWillBeSent', ({ requestId, request, type }) => {
    // What a script fetches when it runs is not a part of the report.
    const isCounted = !['Fetch', 'XHR', 'EventSource'].includes(type);
    const isOwn = new URL(request.url).origin === new URL(site).origin;
    if (isOwn && isCounted) urls.set(requestId, request.url);
  });
  client.on('Network.responseReceived', ({ requestId, response }) =>
    headers.set(requestId, response.encodedDataLength),
  );
  client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const url = urls.get(requestId);
    if (url) {
      const { pathname, search } = new URL(url);
      // An image may be asked for again as the icon of the tab, which its cache answers.
      const before = bodies.get(pathname + search) ?? 0;
      bodies.set(pathname + search, before + encodedDataLength - headers.get(requestId));
    }
    urls.delete(requestId);
    noticed();
  });
  client.on('Network.loadingFailed', ({ requestId }) => (urls.delete(requestId), noticed()));
  await page.goto(new URL(path, site).href, { waitUntil: 'load' });
  await page.waitForFunction(
    () => !document.querySelector('astro-island[ssr]:is([client=load],[client=idle],[client=only])'),
  );
  await page.evaluate(() => document.fonts.ready.then(() => {}));
  const quiet = async () => {
    while (urls.size > 0) await new Promise((resolve) => (noticed = resolve));
  };
  await inTime(quiet(), () => `${path} still waits for ${[...urls.values()].join(', ')}`);
  await page.close();
  return bodies;
}

describe('the report', () => {
  let browser;
  before(async () => (browser = await startBrowser()));
  after(() => browser?.close());

  for (const path of variable('PAGES').split(',')) {
    test(`a first visit of ${path} is as heavy as the report says`, { timeout }, async () => {
      const weight = JSON.parse(await readFile(variable('WEIGHT'), 'utf8'));
      const { first, loads } = weight.pages.find(({ url }) => url === path);
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      context.setDefaultTimeout(LIMIT);
      const bodies = await received(context, path);
      await context.close();
      const expected = loads.filter(({ time }) => time === 'first');
      const found = expected.map(({ url }) => [url, bodies.get(url)]);
      assert.deepEqual(
        found,
        expected.map(({ url, bytes }) => [url, bytes]),
      );
      const sum = found.reduce((sum, [, bytes]) => sum + bytes, 0);
      assert.equal(sum, first.bytes);
      // What comes into view is loaded too, and nothing that the report does not know.
      const known = new Map(loads.map(({ url, bytes }) => [url, bytes]));
      for (const [url, bytes] of bodies) {
        const { time } = loads.find((load) => load.url === url) ?? {};
        assert.ok(known.has(url), `${url} is not in the report`);
        // A player asks for parts only.
        if (time !== 'perhaps') assert.equal(bytes, known.get(url), url);
      }
    });
  }

  for (const report of reports) {
    for (const [words, look] of Object.entries({
      'wide and light': { width: 1280, scheme: 'light' },
      'narrow and dark': { width: 390, scheme: 'dark' },
    })) {
      test(`${basename(report)} is complete, fits and is silent: ${words}`, { timeout }, async () => {
        const { page, requests, problems } = await opened(browser, report, look);
        assert.equal(await overflow(page), 0);
        const light = await brightness(page);
        assert.ok(look.scheme === 'dark' ? light < 0.4 : light > 0.6, `brightness ${light}`);
        await readable(page);
        if (screenshots) {
          const name = `${basename(report, '.html')}-${look.width}-${look.scheme}.png`;
          await page.screenshot({ path: join(screenshots, name), fullPage: true });
        }
        assert.deepEqual(problems, []);
        assert.deepEqual(requests, [pathToFileURL(report).href]);
        await page.context().close();
      });
    }
  }

  test('tables are sorted and searched, and maps walked, by keyboard', { timeout }, async () => {
    const { page, problems } = await opened(browser, reports[0], { width: 1280, scheme: 'light' });
    const table = page.locator('#files-table');
    const first = () => table.locator('tbody tr').first().locator('th').innerText();
    const head = table.locator('thead th').first();
    await head.getByRole('button').focus();
    await page.keyboard.press('Enter');
    assert.equal(await head.getAttribute('aria-sort'), 'ascending');
    const smallest = await first();
    await page.keyboard.press('Enter');
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    assert.ok((await first()) > smallest);
    await page.locator('.tools[data-table=files-table] input').fill('.css');
    const names = await table.locator('tbody th').allInnerTexts();
    assert.ok(names.length > 0 && names.every((name) => name.includes('.css')), `${names}`);
    const label = () => page.evaluate(() => document.activeElement.getAttribute('aria-label'));
    await page.locator('.map .cell').first().focus();
    const before = await label();
    await page.keyboard.press('ArrowRight');
    assert.notEqual(await label(), before);
    assert.equal(await page.locator('#tip').innerText(), await label());
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  test('without JavaScript the page has its tables and maps', { timeout }, async () => {
    const look = { width: 1280, scheme: 'light', javaScriptEnabled: false };
    const { page } = await opened(browser, reports[0], look);
    assert.ok((await page.locator('#files-table tbody tr').count()) > 10);
    assert.ok((await page.locator('.map .cell').count()) > 10);
    assert.equal(await page.locator('.tools:visible').count(), 0);
    await page.context().close();
  });
});

async function opened(browser, report, { width, scheme, javaScriptEnabled = true }) {
  const viewport = { width, height: 800 };
  const context = await browser.newContext({ viewport, colorScheme: scheme, javaScriptEnabled });
  context.setDefaultTimeout(LIMIT);
  const page = await context.newPage();
  const [requests, problems] = [[], []];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.goto(pathToFileURL(report).href, { waitUntil: 'load' });
  return { page, requests, problems };
}

/** Checks that headings are in order, tables have captions, and texts have a contrast of 4.5 (WCAG 2 AA). */
async function readable(page) {
  const faults = await page.evaluate(() => {
    const faults = [];
    let level = 0;
    for (const heading of document.querySelectorAll('h1,h2,h3')) {
      const own = Number(heading.tagName[1]);
      if (own > level + 1) faults.push(`${heading.textContent} skips a level`);
      level = own;
    }
    for (const table of document.querySelectorAll('table')) {
      if (!table.caption?.textContent.trim()) faults.push('a table has no caption');
    }
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const channels = (colour) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (colour) => {
      const [red, green, blue] = colour.slice(0, 3).map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = walker.nextNode()); ) {
      const element = text.parentElement;
      if (!text.textContent.trim() || !element.checkVisibility() || element.matches('script,:disabled')) continue;
      let behind = element;
      while (behind && channels(getComputedStyle(behind).backgroundColor)[3] === 0) {
        behind = behind.parentElement;
      }
      const colours = [getComputedStyle(element).color, getComputedStyle(behind ?? document.body).backgroundColor];
      const [light, dark] = colours.map((colour) => luminance(channels(colour))).sort((a, b) => b - a);
      const contrast = (light + 0.05) / (dark + 0.05);
      if (contrast < 4.5) faults.push(`${text.textContent.trim().slice(0, 40)}: contrast ${contrast.toFixed(2)}`);
    }
    return faults;
  });
  assert.deepEqual([...new Set(faults)], []);
}
