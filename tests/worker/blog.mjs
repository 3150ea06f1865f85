// The blog: islands, scripts, lists, theme, audio.

import assert from 'node:assert/strict';

import { brightness } from './page.mjs';
import { inTime } from './visitor.mjs';

export function blogTests(visiting) {
  visiting(
    'islands of two libraries on one page hydrate on load and on idle',
    'blog',
    async (visitor) => {
      await visitor.open('/lab/');
      await visitor.shows('packet-output', '3 packets = 4380 bytes');
      await visitor.click('packet-plus');
      await visitor.click('packet-plus');
      await visitor.click('packet-minus');
      await visitor.shows('packet-output', '4 packets = 5840 bytes');
      const retry = visitor.page.getByTestId('retry-counter').first();
      await retry.getByTestId('retry-button').click();
      await retry.getByText('retries: 1, next after 500 ms', { exact: true }).waitFor();
      await visitor.page.getByText('retries: 0, next after 1000 ms', { exact: true }).waitFor();
    },
  );

  visiting(
    'an island hydrates when visible, and shows all digits of its data',
    'blog',
    async (visitor) => {
      await visitor.goTo('/lab/');
      await visitor.untilHydrated('packet-output');
      assert.equal(await visitor.unhydrated('measurements').count(), 1);
      await visitor.page.getByTestId('measurements').scrollIntoViewIfNeeded();
      await visitor.untilHydrated('measurements');
      await visitor.shows('measurements-ledger', '12345678901234567890');
      await visitor.shows('measurements-count', '132 rows, 4474646 bytes saved');
      await visitor.page.getByTestId('measurements-kind').selectOption('font');
      await visitor.shows('measurements-count', '22 rows, 530338 bytes saved');
    },
    { width: 390 },
  );

  visiting(
    'handwritten modules, an import map, WebAssembly and legacy globals work',
    'blog',
    async (visitor) => {
      await visitor.open('/lab/');
      await visitor.shows('clock', /^\d\d:\d\d:\d\d$/);
      await visitor.shows('wasm-output', '13 packets');
      await visitor.page.getByTestId('wasm-input').fill('1460');
      await visitor.shows('wasm-output', '1 packet');
      await visitor.shows('legacy-output', 'ready, version 1.4.0');
      await visitor.click('legacy-convert');
      await visitor.click('legacy-convert');
      await visitor.shows('legacy-output', '02 // 1.4 KiB');
      await visitor.click('legacy-ruler');
      await visitor.page.locator('[data-ruler=on] .fn-ruler').waitFor({ state: 'attached' });
    },
  );

  visiting('lists are filtered by words and by tag', 'blog', async (visitor) => {
    await visitor.open('/blog/');
    await visitor.shows('post-filter-count', '8 of 8 notes');
    await visitor.click('post-filter-tag-json');
    await visitor.shows('post-filter-count', '1 of 8 notes');
    await visitor.click('post-filter-tag-json');
    await visitor.page.getByTestId('post-filter-input').fill('no such note');
    await visitor.shows('post-filter-empty', 'Nothing matches. Try fewer words.');

    await visitor.open('/reference/');
    await visitor.shows('glossary-count', '61 of 61 terms');
    await visitor.page.getByTestId('glossary-input').fill('brotli');
    await visitor.shows('glossary-count', /^[1-9] of 61 terms$/);
    assert.ok((await visitor.page.locator('[data-term]:visible').count()) < 10);
  });

  visiting(
    'inline scripts of a note run, including those with variables',
    'blog',
    async (visitor) => {
      await visitor.open('/blog/na%C3%AFve-caching/');
      await visitor.shows('reading-time', /^\d+ words, about \d+ min$/);
      assert.equal(
        await visitor.page.getByTestId('reading-time').getAttribute('data-slug'),
        'naïve-caching',
      );
      assert.ok((await visitor.page.getByTestId('copy').count()) > 0);
    },
  );

  visiting('the theme changes on click and persists on the next page', 'blog', async (visitor) => {
    await visitor.open('/');
    await visitor.shows('theme-toggle', 'Theme: auto');
    await visitor.click('theme-toggle');
    await visitor.click('theme-toggle');
    await visitor.shows('theme-toggle', 'Theme: dark');
    assert.ok((await brightness(visitor.page)) < 0.4);
    await visitor.page.getByRole('navigation').getByRole('link', { name: 'About' }).click();
    await visitor.page.waitForURL('**/about/');
    await visitor.settle();
    await visitor.shows('theme-toggle', 'Theme: dark');
    assert.ok((await brightness(visitor.page)) < 0.4);
  });

  visiting(
    'audio is requested as ranges and plays from the position of a seek',
    'blog',
    async (visitor) => {
      const ranges = rangesOf(visitor.page);
      await visitor.open('/audio/');
      await visitor.shows('player-state', 'at 0.0 of 8.0 s');
      await visitor.click('seek');
      await visitor.shows('player-state', 'at 5.0 of 8.0 s');
      await visitor.page.getByTestId('player').evaluate((player) => player.play());
      await visitor.shows('player-state', /^at [678]\.\d of 8\.0 s$/);
      await visitor.page.getByTestId('player').evaluate((player) => player.pause());
      assert.deepEqual((await ranges())[0], ['bytes=0-', 206, 'bytes 0-65369/65370']);
    },
  );

  visiting('a player gets every requested range and plays to the end', 'blog', async (visitor) => {
    // Without this the browser would not request cached parts.
    const session = await visitor.context.newCDPSession(visitor.page);
    await session.send('Network.enable');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    await visitor.open('/about/');
    const ranges = rangesOf(visitor.page);
    const played = visitor.page.evaluate(async () => {
      const player = new Audio('/audio/walking-tune.wav');
      player.preload = 'metadata';
      const next = (event) => new Promise((resolve) => player.addEventListener(event, resolve));
      await next('loadedmetadata');
      player.currentTime = 7.5;
      await next('seeked');
      player.play();
      await next('ended');
      return player.currentTime;
    });
    assert.equal(await inTime(played, () => 'the player does not reach the end'), 8);
    // Usually a second range: for the end, which the first had not reached.
    for (const [asked, status, got] of await ranges()) {
      const [, start] = /^bytes=(\d+)-$/.exec(asked);
      assert.deepEqual([status, got], [206, `bytes ${start}-256043/256044`]);
    }
  });

  visiting('a range equals that part of the whole file', 'blog', async (visitor) => {
    await visitor.open('/audio/');
    const [status, range, isSame] = await visitor.page.evaluate(async () => {
      const load = (headers) => fetch('/audio/walking-tune.ogg', { headers, cache: 'no-store' });
      const [whole, part] = await Promise.all([load(), load({ Range: 'bytes=1000-2999' })]);
      const [all, some] = await Promise.all([whole.bytes(), part.bytes()]);
      const isSame = some.length === 2000 && some.every((byte, at) => byte === all[1000 + at]);
      return [part.status, part.headers.get('content-range'), isSame];
    });
    assert.equal(status, 206);
    assert.match(range, /^bytes 1000-2999\/\d+$/);
    assert.ok(isSame);
  });
}

/** Records the ranges that players request from now on, each with the response. */
function rangesOf(page) {
  const answers = [];
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'media') return;
    const both = Promise.all([response.request().allHeaders(), response.allHeaders()]);
    answers.push(
      both.then(([asked, got]) => [asked.range, response.status(), got['content-range']]),
    );
  });
  return () => Promise.all(answers);
}
