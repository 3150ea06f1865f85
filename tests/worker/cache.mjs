// Compression and caching, as seen on the network.

import assert from 'node:assert/strict';

import { NetworkLog } from './network.mjs';

/** Prerendered pages of each site. */
const PAGES = {
  blog: ['/', '/lab/', '/reference/', '/blog/na%C3%AFve-caching/'],
  ssr: ['/', '/plan/', '/about/'],
  pages: ['/', '/about/'],
};

export function cacheTests(visiting) {
  for (const [site, paths] of Object.entries(PAGES)) {
    visiting(`documents and code of ${site} are sent with Brotli`, site, async (visitor) => {
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
    });

    visiting(`a second visit to ${site} transfers no unchanged file`, site, async (visitor) => {
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
      const cached = entries.filter(({ answer }) => answer === undefined);
      for (const { path } of cached) assert.match(policies.get(path), /max-age=[1-9]/, path);
      for (const { path, answer } of entries.filter((entry) => !cached.includes(entry))) {
        assert.ok(!path.startsWith('/_astro/'), `${path} was requested again`);
        assert.equal(answer.status, 304, path);
        assert.equal(answer.headers['content-length'] ?? '0', '0', path);
        assert.ok(answer.headers.etag, path);
      }
      const hashed = cached.filter(({ path }) => path.startsWith('/_astro/'));
      assert.ok(hashed.length > 0);
      for (const { path } of hashed) assert.match(policies.get(path), /immutable/, path);
    });
  }

  visiting('pages rendered on demand are never cached', 'ssr', async (visitor) => {
    await visitor.open('/desk/');
    await visitor.openTab();
    const log = await NetworkLog.of(visitor.page);
    await visitor.open('/desk/');
    const { answer } = (await log.entries()).find(({ type }) => type === 'Document');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['cache-control'], 'private, no-store');
  });
}

/** Returns whether an entry is code large enough for Brotli. */
function isLargeCode({ type, answer }) {
  return ['Script', 'Stylesheet'].includes(type) && Number(answer.headers['content-length']) > 400;
}
