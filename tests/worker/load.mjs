// All pages of all sites, in a wide and a narrow window.

import assert from 'node:assert/strict';

import { brightness, links, overflow } from './page.mjs';

/**
 * For each site: pages without a link to them, pages that links must lead to, and the sitemap with
 * more of the latter.
 */
const SITES = {
  blog: { others: ['/404', '/lab/404'], found: ['/rss.xml'], map: '/sitemap-index.xml' },
  ssr: {
    others: ['/404', '/500', '/tonight/', '/next/'],
    found: [
      '/',
      '/about/',
      '/plan/',
      '/desk/',
      ...['causeway', 'night-crossing', 'seal-bank'].flatMap((slug) => [
        `/walks/${slug}/`,
        `/desk/?walk=${slug}`,
      ]),
    ],
  },
  pages: { others: ['/404', '/board/?to=Norne'], found: ['/', '/about/', '/board/'] },
};

const LOOKS = {
  'wide and light': { width: 1280, scheme: 'light' },
  'narrow and dark': { width: 390, scheme: 'dark' },
};

export function loadTests(visiting) {
  for (const [site, { others, found, map }] of Object.entries(SITES)) {
    for (const [words, look] of Object.entries(LOOKS)) {
      visiting(
        `every page of ${site} is complete, fits and has the right colours: ${words}`,
        site,
        async (visitor) => {
          const expected = map ? [...found, ...(await mapped(visitor, map))] : found;
          const visited = await visitAll(visitor, ['/', ...others], (path) =>
            looksRight(visitor, path, look),
          );
          for (const path of expected) assert.ok(visited.has(path), `no link leads to ${path}`);
        },
        look,
      );
    }
  }

  for (const [site, path, text] of [
    ['blog', '/nope', /^The map has no such place/],
    ['blog', '/lab/nope/at/all', 'No experiment of this name is on the bench.'],
    ['ssr', '/nope', 'The tide has taken this page'],
    ['ssr', '/walks/nowhere/', 'The tide has taken this page'],
    ['pages', '/nope', 'Not on the chart'],
  ]) {
    visiting(
      `a missing path gets 404 with the nearest page: ${site}${path}`,
      site,
      async (visitor) => {
        await visitor.open(path, 404);
        await visitor.page.getByText(text, { exact: true }).waitFor();
        assert.equal(await overflow(visitor.page), 0);
      },
    );
  }
}

async function looksRight({ page }, path, { scheme }) {
  assert.equal(await overflow(page), 0, `${path} is too wide`);
  const light = await brightness(page);
  assert.ok(scheme === 'dark' ? light < 0.4 : light > 0.6, `${path} has a background of ${light}`);
}

/**
 * Opens pages and everything they link to, recursively, and checks each page. Files only have to
 * exist.
 *
 * @returns {Promise<Set<string>>} all paths
 */
async function visitAll(visitor, start, look) {
  const found = new Set(start);
  for (const path of found) {
    // The browser would download a file, or show it by itself.
    if (/\.\w+$|\/downloads\//.test(path)) {
      await visitor.fetch(path);
      continue;
    }
    await visitor.open(path);
    await look(path);
    for (const link of await links(visitor.page)) found.add(link);
  }
  return found;
}

/** Returns the paths in the sitemaps of an index. */
async function mapped(visitor, index) {
  const paths = async (map) => {
    const text = await visitor.fetch(map);
    return [...text.matchAll(/<loc>(.*?)<\/loc>/g)].map(([, url]) => new URL(url).pathname);
  };
  const all = (await Promise.all((await paths(index)).map(paths))).flat();
  assert.ok(all.length > 20, `only ${all.length} pages in the map`);
  return all;
}
