// A new edition of the site of `dictionaries.test.mjs`, and requests that no browser makes.

import { readFile, rename, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';

import { inTime } from './visitor.mjs';

/** A text of all pages of the new edition. */
export const EDITION = 'A new edition. ';

/** Requests a URL, without decoding. */
export function get(url, fields = { 'accept-encoding': 'identity' }) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: fields }, async (answer) => {
      const body = Buffer.concat(await answer.toArray());
      resolve({ status: answer.statusCode, headers: answer.headers, body });
    });
    sent.on('error', reject).end();
  });
}

/** Returns the URL of the dictionary that a page announces. */
export function dictionaryOf({ answer }) {
  const [, url] = answer.link.match(/<([^>]+)>; rel="compression-dictionary"/);
  return url;
}

/** Changes all pages in a folder, and waits until the site announces another dictionary than a given one. */
export async function redeploy(dist, site, old) {
  for (const name of ['index.html', ...[1, 2, 3, 4, 5].map((n) => `${n}/index.html`)]) {
    const path = join(dist, name);
    const page = await readFile(path, 'utf8');
    await writeFile(`${dist}.new`, page.replace('<footer>', `<footer>${EDITION}`));
    await rename(`${dist}.new`, path);
  }
  const deployed = async () => {
    for (;;) {
      const pages = await Promise.all(['/', '/4/', '/5/'].map((path) => get(new URL(path, site))));
      const isNew = ({ headers, body }) =>
        body.includes(EDITION) && dictionaryOf({ answer: headers }) !== old;
      if (pages.every(isNew)) return;
    }
  };
  await inTime(deployed(), () => 'the new site is not served');
}
