// Prints the media types that Chromium takes files for, with a given type and without one, as JSON.
//
// `FILES` is an object of files: the text and the type of each. `WORKER_PACK_TOOLS` and
// `WORKER_PACK_CHROMIUM` are those of `browser.test.mjs`.

import { createServer } from 'node:http';

import { startBrowser, variable } from './visitor.mjs';

const files = JSON.parse(variable('FILES'));

const server = createServer((request, response) => {
  const [, form, name] = request.url.split('/');
  const [text, type] = files[name] ?? [];
  if (text === undefined) {
    response.writeHead(404).end();
  } else {
    response.writeHead(200, form === 'with' ? { 'Content-Type': type } : {}).end(text);
  }
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const site = `http://127.0.0.1:${server.address().port}`;

const browser = await startBrowser();
const page = await browser.newPage();

/** Returns the type of the document at a path, or says that it is downloaded. */
async function shown(path) {
  try {
    await page.goto(`${site}/${path}`);
    return await page.evaluate(() => document.contentType);
  } catch (error) {
    if (error.message.includes('Download is starting')) return 'download';
    throw error;
  }
}

const found = {};
for (const name of Object.keys(files)) {
  found[name] = [await shown(`with/${name}`), await shown(`without/${name}`)];
}
await browser.close();
server.close();
console.log(JSON.stringify(found));
