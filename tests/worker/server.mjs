// Server rendering: islands, forms, cookies, streams, redirects.

import assert from 'node:assert/strict';
import { get } from 'node:http';

/** The value of the Workers' variable `GREETING`. */
const { GREETING = 'Hello.' } = process.env;

export function serverTests(visiting) {
  visiting(
    'a server island is rendered after the page, for the current visitor',
    'ssr',
    async (visitor) => {
      await visitor.open('/');
      await visitor.shows('desk-now', 'The desk at the slipway is open. Good day, stranger.');
      assert.equal(await visitor.page.getByTestId('desk-asked').count(), 0);
      assert.equal(await visitor.page.getByTestId('walk-card').count(), 3);
      await visitor.click('bell');
      await visitor.shows('clock', 'The bell was rung once.');
      await visitor.click('bell');
      await visitor.shows('clock', 'The bell was rung 2 times.');
    },
  );

  visiting('an island on a prerendered page reacts', 'ssr', async (visitor) => {
    await visitor.open('/plan/');
    await visitor.shows('planner-output', 'party of 2: 76 €');
    await visitor.click('planner-more');
    await visitor.shows('planner-output', 'party of 3: 114 €');
    await visitor.click('planner-fewer');
    await visitor.click('planner-fewer');
    await visitor.shows('planner-output', 'party of 1: 38 €');
    await visitor.page.getByTestId('planner-walk').selectOption('1');
    await visitor.shows('planner-output', 'party of 1: 24 €');
  });

  visiting(
    'a page rendered on demand gets the request, the environment and its image',
    'ssr',
    async (visitor) => {
      const response = await visitor.open('/desk/?walk=causeway');
      await visitor.shows('desk-method', 'GET');
      await visitor.shows('desk-query', 'causeway');
      await visitor.shows('desk-cookie', 'none');
      await visitor.shows('desk-cf', 'yes');
      await visitor.shows('desk-greeting', GREETING);
      await visitor.shows('desk-wait-until', 'yes');
      assert.equal(
        await visitor.page.getByTestId('pole').evaluate((image) => image.naturalWidth),
        96,
      );
      assert.equal(response.headers()['x-desk'], 'open; GET');
      const prerendered = await visitor.open('/about/');
      assert.equal(prerendered.headers()['x-desk'], undefined);
    },
  );

  visiting('a form sets a cookie that later requests contain', 'ssr', async (visitor) => {
    await visitor.open('/desk/');
    await visitor.page.getByTestId('sign-in-name').fill('Ada');
    await visitor.click('sign-in-send');
    await visitor.shows('sign-in-result', 'signed in: Ada');
    await visitor.shows('desk-method', 'POST');
    await visitor.open('/');
    await visitor.shows('desk-now', 'The desk at the slipway is open. Good day, Ada.');
    const [cookie] = await visitor.context.cookies();
    assert.deepEqual([cookie.name, cookie.value, cookie.httpOnly], ['visitor', 'Ada', true]);
  });

  visiting('a rejected form shows the error', 'ssr', async (visitor) => {
    await visitor.open('/desk/');
    visitor.expect('/desk/?_action=signIn', 403);
    await visitor.page.getByTestId('sign-in-name').fill('Neptune');
    await visitor.click('sign-in-send');
    await visitor.shows('sign-in-result', 'refused: Not at this desk.');
    assert.deepEqual(await visitor.context.cookies(), []);
  });

  for (const { site, path, island, result, cookies } of [
    {
      site: 'ssr',
      path: '/desk/?walk=causeway',
      island: ['booking-more', 'booking-send', 'booking-result'],
      result: 'booked: LT-CW-2',
      cookies: ['party=2', 'booking=LT-CW-2'],
    },
    {
      site: 'pages',
      path: '/',
      island: ['fares-more', 'fares-buy', 'fares-result'],
      result: 'ticket FS-02',
      cookies: ['aboard=2', 'ticket=FS-02'],
    },
  ]) {
    visiting(`an island sends JSON and gets two cookies: ${site}`, site, async (visitor) => {
      const [more, send, shown] = island;
      await visitor.open(path);
      const isAnswer = (response) => response.request().method() === 'POST';
      const answered = visitor.page.waitForResponse(isAnswer);
      await visitor.click(more);
      await visitor.click(send);
      await visitor.shows(shown, result);
      const answer = await answered;
      assert.equal(answer.status(), 201);
      const set = await answer.headerValues('set-cookie');
      const pairs = set.map((cookie) => cookie.split(';')[0]);
      assert.deepEqual(pairs, cookies);
      const stored = (await visitor.context.cookies()).map(({ name, value }) => `${name}=${value}`);
      assert.deepEqual(stored.toSorted(), cookies.toSorted());
    });
  }

  visiting(
    'a build for Pages gets the request, the environment and its cookie',
    'pages',
    async (visitor) => {
      await visitor.open('/');
      await visitor.shows('fares-output', '1 aboard: 3 €');
      await visitor.click('fares-more');
      await visitor.shows('fares-output', '2 aboard: 6 €');
      await visitor.shows('fares-result', 'no ticket yet');
      await visitor.click('fares-buy');
      await visitor.shows('fares-result', 'ticket FS-02');
      await visitor.open('/board/?to=Norne');
      await visitor.shows('board-query', 'Norne');
      await visitor.shows('board-cookie', 'FS-02');
      await visitor.shows('board-cf', 'yes');
      await visitor.shows('board-greeting', GREETING);
      await visitor.shows('board-wait-until', 'yes');
    },
  );

  visiting('a streamed response arrives in pieces', 'ssr', async (visitor) => {
    await visitor.open('/about/');
    const text = await visitor.page.evaluate(async () => {
      const response = await fetch('/api/stream');
      // Chromium reports an aborted request for a `no-store` response that only a reader has read.
      const whole = response.clone().text();
      let read = '';
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let next; !(next = await reader.read()).done;) read += next.value;
      await whole;
      return read;
    });
    assert.equal(text, '1 high water\n2 ebb\n3 slack\n4 flood\n5 high water again\n');
    // A busy machine reads some pieces together, but the chunks on the wire stay apart.
    assert.deepEqual(await chunks(new URL('/api/stream', visitor.site)), text.match(/.*\n/g));
  });

  visiting('rewrites and redirects of the server reach their targets', 'ssr', async (visitor) => {
    await visitor.open('/tonight/');
    await visitor.shows('title', 'Night crossing to Hallow Sand');
    assert.ok(visitor.page.url().endsWith('/tonight/'));
    await visitor.open('/next/');
    await visitor.shows('walk-facts', '3 km, 2 hours, 16 €');
    assert.ok(visitor.page.url().endsWith('/walks/causeway/'));
    await visitor.open('/old-desk');
    assert.ok(visitor.page.url().endsWith('/desk/'));
  });

  visiting('an error on the server shows the error page', 'ssr', async (visitor) => {
    await visitor.open('/aground/', 500);
    await visitor.shows('title', 'We have run aground');
  });
}

/** Returns the chunks in which HTTP brings a body (RFC 9112 §7.1). */
function chunks(url) {
  return new Promise((resolve, reject) => {
    const found = [];
    const request = get(url, (response) => {
      response.setEncoding('utf8').on('data', (chunk) => found.push(chunk));
      response.on('end', () => resolve(found)).on('error', reject);
    });
    request.on('error', reject);
  });
}
