// Visits pages of a site until all islands are hydrated, and prints JSON: the path of each request with its status and
// the SHA-256 of its body, and the errors and warnings of the console.
//
// `SITE` is its URL, `PAGES` a list of paths. `WORKER_PACK_TOOLS` and `WORKER_PACK_CHROMIUM` are those of
// `browser.test.mjs`.

import { createHash } from 'node:crypto';

import { LIMIT, startBrowser, variable } from './visitor.mjs';

const site = variable('SITE');
const browser = await startBrowser();
const urls = new Map();
const messages = [];
for (const path of JSON.parse(variable('PAGES'))) {
  const page = await browser.newPage();
  page.setDefaultTimeout(LIMIT);
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin === site) urls.set(url.pathname, url);
  });
  page.on('pageerror', (error) => messages.push(`${path}: ${error}`));
  page.on('console', (message) => {
    // The status of each request is printed anyway.
    const isOfRequest = message.text().startsWith('Failed to load resource');
    if (['error', 'warning'].includes(message.type()) && !isOfRequest) messages.push(`${path}: ${message.text()}`);
  });
  await page.goto(site + path, { waitUntil: 'networkidle' });
  for (const island of await page.locator('astro-island').all()) {
    // An island itself has no box.
    await island.evaluate((element) => (element.firstElementChild ?? element).scrollIntoView());
  }
  await page.waitForFunction(() => !document.querySelector('astro-island[ssr]'), null, { timeout: LIMIT });
  await page.waitForLoadState('networkidle');
  await page.close();
}
await browser.close();

const requests = {};
for (const path of [...urls.keys()].sort()) {
  // Any media type, since browsers get some pictures in a smaller one.
  const response = await fetch(urls.get(path), { headers: { Accept: '*/*' } });
  const body = Buffer.from(await response.arrayBuffer());
  requests[path] = [response.status, createHash('sha256').update(body).digest('hex')];
}
console.log(JSON.stringify({ requests, messages }));
