// Islands of five libraries: what Astro wrote and what is packed look and behave the same.
//
//     ASTRO_URL=… PACKED_URL=… node --test tests/worker/islands.test.mjs
//
// The URLs lead to running Workers of `examples/astro-islands`. `WORKER_PACK_TOOLS` and `WORKER_PACK_CHROMIUM`
// are those of `browser.test.mjs`.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Visitor, inTime, startBrowser, variable } from './visitor.mjs';

/** Ends a test that would never finish, in milliseconds. */
const timeout = 1_200_000;

const SITES = { astro: variable('ASTRO_URL'), packed: variable('PACKED_URL') };

const LOOKS = {
  'wide and light': { width: 1280, scheme: 'light' },
  'narrow and dark': { width: 390, scheme: 'dark' },
};

/** The pages, each with its gauges. */
const PAGES = {
  '/': ['react', 'preact', 'vue', 'svelte', 'solid'],
  '/later/': ['react', 'preact', 'vue', 'svelte', 'solid'],
  '/rendered/': ['vue', 'solid'],
};

describe('islands of five libraries', { concurrency: 2 }, () => {
  let browser;
  before(async () => (browser = await startBrowser()));
  after(() => browser?.close());

  /**
   * Runs a visit to both sites, and returns what was seen on each. Fails on errors and warnings in the console.
   *
   * @template T
   * @param {Parameters<typeof Visitor.arrive>[2]} look
   * @param {(visitor: Visitor) => Promise<T>} visit
   * @returns {Promise<Record<keyof typeof SITES, T>>}
   */
  async function onBoth(look, visit) {
    const seen = {};
    for (const [site, url] of Object.entries(SITES)) {
      const visitor = await Visitor.arrive(browser, url, look);
      try {
        seen[site] = await visit(visitor);
        assert.deepEqual(visitor.problems, [], site);
      } finally {
        await visitor.leave();
      }
    }
    return seen;
  }

  for (const [words, look] of Object.entries(LOOKS)) {
    for (const [path, gauges] of Object.entries(PAGES)) {
      test(`the elements, boxes and pixels of ${path} are those of Astro's build: ${words}`, { timeout }, async () => {
        const { astro, packed } = await onBoth(look, async (visitor) => {
          await visitor.open(path);
          await allReady(visitor, gauges);
          return sight(visitor.page);
        });
        assertSame(packed, astro);
      });
    }

    test(`each island works, and view transitions show what Astro's build shows: ${words}`, { timeout }, async () => {
      const { astro, packed } = await onBoth(look, async (visitor) => {
        const sights = [];
        await visitor.open('/');
        // It is lost if a page is loaded without the router.
        await visitor.page.evaluate(() => (globalThis.isSameDocument = true));
        for (const [link, path] of [['to-later', '/later/'], ['to-rendered', '/rendered/'], ['to-home', '/']]) {
          await visitor.click(link);
          await inTime(
            visitor.page.waitForFunction((path) => document.body.dataset.path === path, path),
            () => `the router does not show ${path}`,
          );
          await visitor.settle();
          await allReady(visitor, PAGES[path]);
          sights.push(await sight(visitor.page));
          for (const gauge of PAGES[path]) {
            const button = visitor.page.getByTestId(gauge);
            const [, name, level] = /^(.*): (\d+) cm$/.exec(await button.innerText());
            await button.click();
            await visitor.shows(gauge, `${name}: ${Number(level) + 1} cm`);
          }
        }
        assert.equal(await visitor.page.evaluate(() => globalThis.isSameDocument), true);
        return sights;
      });
      packed.forEach((one, index) => assertSame(one, astro[index]));
    });
  }
});

/** Waits until all gauges of a page are hydrated, and its server island is shown. */
async function allReady(visitor, gauges) {
  const ready = visitor.page.locator('.gauge[data-ready=true]');
  await ready.nth(gauges.length - 1).waitFor();
  assert.equal(await visitor.page.locator('.gauge').count(), gauges.length);
  if (gauges.length === 5 && new URL(visitor.page.url()).pathname === '/') {
    await visitor.shows('watch', 'The watch at the quay is kept.');
  }
}

/**
 * Returns what a page looks like: its nodes, the boxes of its elements, and its pixels. The text of inline code is
 * left out, and so is white space in the head: only they may differ.
 */
async function sight(page) {
  await page.mouse.move(0, 0);
  // The router sets it for the animation, and removes it afterwards.
  await page.waitForFunction(() => !document.documentElement.hasAttribute('data-astro-transition'));
  const seen = await page.evaluate(async () => {
    // A view transition is over once its animations are.
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})));
    scrollTo(0, 0);
    const nodes = [];
    const boxes = [];
    const add = (node, depth) => {
      const indent = ' '.repeat(depth);
      if (node instanceof Element) {
        // The server makes an island's `uid` of the path of its source, and the folder of the build is taken out of that.
        const named = [...node.attributes].filter(({ name }) => name !== 'uid');
        const attributes = named.map(({ name, value }) => `${name}=${JSON.stringify(value)}`);
        nodes.push(`${indent}<${node.localName} ${attributes.sort().join(' ')}>`);
        const { x, y, width, height } = node.getBoundingClientRect();
        boxes.push(`${node.localName} ${[x, y, width, height].join(' ')}`);
        if (['script', 'style'].includes(node.localName)) return;
        for (const child of node.childNodes) add(child, depth + 1);
      } else if (node.nodeType === Node.COMMENT_NODE) {
        nodes.push(`${indent}<!--${node.data}-->`);
      } else if (!(node.parentNode === document.head && node.data?.trim() === '')) {
        nodes.push(`${indent}${JSON.stringify(node.data ?? node.nodeName)}`);
      }
    };
    for (const node of document.childNodes) add(node, 0);
    return { nodes, boxes };
  });
  const pixels = await page.screenshot({ fullPage: true, animations: 'disabled', caret: 'hide' });
  return { ...seen, pixels };
}

function assertSame(packed, astro) {
  assert.deepEqual(packed.nodes, astro.nodes);
  assert.deepEqual(packed.boxes, astro.boxes);
  assert.ok(packed.pixels.equals(astro.pixels), 'the screenshots differ');
}
