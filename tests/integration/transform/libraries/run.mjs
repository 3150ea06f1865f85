// Uses the libraries of a site in a browser, and prints what was not as documented.
//
//     node run.mjs http://127.0.0.1:1234 /acorn/module.html /acorn/script.html …
//
// `WORKER_PACK_TOOLS` is a folder with `playwright-core` in its `node_modules`, and
// `WORKER_PACK_CHROMIUM` the path of the browser. Each page leaves a promise `used`.

import { startBrowser } from '../../../worker/visitor.mjs';

const [site, ...pages] = process.argv.slice(2);
const browser = await startBrowser();
try {
  for (const path of pages) {
    const page = await browser.newPage();
    const problems = [];
    page.on('pageerror', (error) => problems.push(String(error.stack ?? error)));
    await page.goto(site + path);
    const pairs = await page.evaluate(() => globalThis.used).catch((error) => String(error));
    if (!Array.isArray(pairs) || pairs.length === 0) problems.push(`it returned ${pairs}`);
    for (const [number, pair] of Array.isArray(pairs) ? pairs.entries() : []) {
      const [was, is] = pair.map((value) => JSON.stringify(value));
      if (was !== is) problems.push(`behaviour ${number + 1}: ${was}, and ${is} is documented`);
    }
    for (const problem of problems) console.log(`${path}: ${problem}`);
    await page.close();
  }
} finally {
  await browser.close();
}
console.log(`used ${pages.length}`);
