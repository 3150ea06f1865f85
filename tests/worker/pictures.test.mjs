// Photographs with other pixels in a real browser: what it gets, and what it shows.
//
//     ORIGINALS_URL=… LOSSY_URL=… node --test tests/worker/pictures.test.mjs
//
// The URLs lead to a page with three photographs, served by `worker-pack serve` with `--pictures off` and with
// `--pictures lossy`. `WORKER_PACK_TOOLS` and `WORKER_PACK_CHROMIUM` are those of `browser.test.mjs`.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Exchanges } from './exchanges.mjs';
import { Visitor, startBrowser, variable } from './visitor.mjs';

/** Ends a test that would never finish, in milliseconds. */
const timeout = 1_200_000;

/** The greatest mean difference of a sample, of 255. The grain of the photographs has 5 to 6. */
const MAX_DIFFERENCE = 8;

describe('photographs with other pixels', () => {
  let browser;
  before(async () => (browser = await startBrowser()));
  after(() => browser?.close());

  /** Opens the page of a site, and returns what it shows and the type of each picture. */
  async function seen(url) {
    const visitor = await Visitor.arrive(browser, url);
    try {
      const log = await Exchanges.of(visitor.page);
      await visitor.open('/');
      const shown = await visitor.page.evaluate(shownPictures);
      for (const [path, picture] of Object.entries(shown)) {
        const { answer, status } = await log.of(path);
        picture.status = status;
        picture.type = answer['content-type'];
      }
      assert.deepEqual(visitor.problems, []);
      return shown;
    } finally {
      await visitor.leave();
    }
  }

  test('it gets the form that it accepts, in the same size, and nearly the same', { timeout }, async () => {
    const originals = await seen(variable('ORIGINALS_URL'));
    const pictures = await seen(variable('LOSSY_URL'));
    const types = Object.entries(pictures).map(([path, { type }]) => [path, type]);
    assert.deepEqual(Object.fromEntries(types), {
      '/a.jpg': 'image/avif',
      '/b.png': 'image/webp',
      '/turned.jpg': 'image/jpeg',
    });
    for (const [path, picture] of Object.entries(pictures)) {
      const original = originals[path];
      assert.equal(picture.status, 200);
      assert.deepEqual(picture.size, original.size, path);
      assert.equal(picture.pixels.length, original.pixels.length, path);
      const found = difference(picture.pixels, original.pixels);
      assert.ok(found > 0, `${path} has the pixels of the original`);
      assert.ok(found < MAX_DIFFERENCE, `${path} differs by ${found}`);
    }
    // The turned one is as wide as the others are high.
    const [width, height] = pictures['/a.jpg'].size;
    assert.deepEqual(pictures['/turned.jpg'].size, [height, width]);
    const turned = difference(pictures['/turned.jpg'].pixels, originals['/a.jpg'].pixels);
    assert.ok(turned > MAX_DIFFERENCE * 2, 'a picture of another orientation differs');
  });
});

/** Returns the natural size and the pixels of each picture of the page, by its path. */
function shownPictures() {
  const shown = {};
  for (const image of document.images) {
    const size = [image.naturalWidth, image.naturalHeight];
    const canvas = Object.assign(document.createElement('canvas'), { width: size[0], height: size[1] });
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, ...size);
    shown[new URL(image.src).pathname] = { size, pixels: [...data] };
  }
  return shown;
}

/** Returns the mean difference of two pictures, for each sample. */
function difference(one, other) {
  return one.reduce((sum, value, at) => sum + Math.abs(value - other[at]), 0) / one.length;
}
