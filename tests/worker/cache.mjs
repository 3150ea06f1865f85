// What goes over the network: compressed, and only once.

import assert from 'node:assert/strict';

import { NetworkLog } from './network.mjs';

/** Pages of each site that were rendered when it was built. */
const PAGES = {
  blog: ['/', '/lab/', '/reference/', '/blog/na%C3%AFve-caching/'],
  ssr: ['/', '/plan/', '/about/'],
  pages: ['/', '/about/'],
};

export function cacheTests(visiting) {
  for (const [site, paths] of Object.entries(PAGES)) {
    visiting(
      `documents and code of ${site} arrive in Brotli, smaller than they are`,
      site,
      async (visitor) => {
        const log = await NetworkLog.of(visitor.page);
        for (const path of paths) {
          const response = await visitor.open(path);
          const { responseBodySize } = await response.request().sizes();
          const { length } = await response.body();
          assert.ok(
            responseBodySize < length * 0.7,
            `${path}: ${responseBodySize} of ${length} bytes`,
          );
        }
        const answers = (await log.entries()).filter(({ answer }) => answer?.status === 200);
        const documents = answers.filter(({ type }) => type === 'Document');
        assert.deepEqual(
          documents.map(({ path }) => path),
          paths,
        );
        for (const { path, answer } of [...documents, ...answers.filter(isLargeCode)]) {
          assert.equal(answer.headers['content-encoding'], 'br', path);
          assert.equal(answer.headers.vary, 'Accept-Encoding', path);
        }
      },
    );

    visiting(
      `on a second visit ${site} sends nothing that has not changed`,
      site,
      async (visitor) => {
        const first = await NetworkLog.of(visitor.page);
        for (const path of paths) await visitor.open(path);
        const answered = (await first.entries()).filter(({ answer }) => answer);
        const policies = new Map(
          answered.map(({ path, answer }) => [path, answer.headers['cache-control']]),
        );
        await visitor.openTab();
        const log = await NetworkLog.of(visitor.page);
        for (const path of paths) await visitor.open(path);

        const isRendered = ({ path }) => path.startsWith('/_server-islands/');
        const entries = (await log.entries()).filter((entry) => !isRendered(entry));
        const documents = entries.filter(({ type }) => type === 'Document');
        assert.deepEqual(
          documents.map(({ path }) => path),
          paths,
        );
        const kept = entries.filter(({ answer }) => answer === undefined);
        for (const { path } of kept) assert.match(policies.get(path), /max-age=[1-9]/, path);
        for (const { path, answer } of entries.filter((entry) => !kept.includes(entry))) {
          assert.ok(!path.startsWith('/_astro/'), `${path} was asked for again`);
          assert.equal(answer.status, 304, path);
          assert.equal(answer.headers['content-length'] ?? '0', '0', path);
          assert.ok(answer.headers.etag, path);
        }
        const hashed = kept.filter(({ path }) => path.startsWith('/_astro/'));
        assert.ok(hashed.length > 0);
        for (const { path } of hashed) assert.match(policies.get(path), /immutable/, path);
      },
    );
  }

  visiting('what is rendered for each request is never kept', 'ssr', async (visitor) => {
    await visitor.open('/desk/');
    await visitor.openTab();
    const log = await NetworkLog.of(visitor.page);
    await visitor.open('/desk/');
    const { answer } = (await log.entries()).find(({ type }) => type === 'Document');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['cache-control'], 'private, no-store');
  });
}

/** Brotli does not make the smallest files smaller. */
function isLargeCode({ type, answer }) {
  return ['Script', 'Stylesheet'].includes(type) && Number(answer.headers['content-length']) > 400;
}
