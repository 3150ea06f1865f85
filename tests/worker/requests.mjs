// Visits pages of a site, and prints the path of each request with its status and the SHA-256 of its body, as JSON.
//
// `SITE` is its URL, `PAGES` a list of paths. `WORKER_PACK_TOOLS` and `WORKER_PACK_CHROMIUM` are those of
// `browser.test.mjs`.

import { createHash } from 'node:crypto';

import { startBrowser, variable } from './visitor.mjs';

const site = variable('SITE');
const browser = await startBrowser();
const paths = new Set();
for (const path of JSON.parse(variable('PAGES'))) {
  const page = await browser.newPage();
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin === site) paths.add(url.pathname);
  });
  await page.goto(site + path, { waitUntil: 'networkidle' });
  await page.close();
}
await browser.close();

const found = {};
for (const path of [...paths].sort()) {
  // Any media type, since browsers get some pictures in a smaller one.
  const response = await fetch(site + path, { headers: { Accept: '*/*' } });
  const body = Buffer.from(await response.arrayBuffer());
  found[path] = [response.status, createHash('sha256').update(body).digest('hex')];
}
console.log(JSON.stringify(found));
