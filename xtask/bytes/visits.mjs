// Visits a site in Chromium, and prints as JSON what the browser received: `visits.mjs PLAN`. PLAN is
// JSON with the ports of loopback at which the site is served `before` and `after` a redeploy, the paths
// of its `pages`, and whether it `hasPictures` that a server may send in another type. Nothing is estimated: all numbers of bytes are the browser's own.

import { settled } from '../../tests/worker/page.mjs';
import { inTime, startBrowser } from '../../tests/worker/visitor.mjs';
import { Front } from './front.mjs';
import { Receipts } from './receipts.mjs';

const { before, after, pages, hasPictures } = JSON.parse(process.argv[2]);
const [start, ...others] = pages;

/** The types that a browser without WebP and AVIF accepts. */
const WITHOUT_WEBP = { accept: 'text/html,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5' };

/** A new visitor, with an empty cache, in one tab after another. */
class Visitor {
  /** @param {import('playwright-core').BrowserContext} context */
  constructor(context, site) {
    Object.assign(this, { context, site });
  }

  async openTab() {
    await this.page?.close();
    this.page = await this.context.newPage();
    this.receipts = await Receipts.of(this.page);
  }

  /** Comes to a page by its address. */
  async open(path) {
    await this.page.goto(new URL(path, this.site).href);
    return this.#received();
  }

  /** Comes to a page by a link that the pointer does not touch first, as that would prefetch it. */
  async follow(path) {
    const { href } = new URL(path, this.site);
    await this.page.evaluate((href) => {
      document.body.append(Object.assign(document.createElement('a'), { href }));
      document.body.lastChild.click();
    }, href);
    await this.page.waitForURL(href);
    return this.#received();
  }

  /** Prefetches a page as Astro does. */
  async prefetch(path) {
    const { href } = new URL(path, this.site);
    const link = { rel: 'prefetch', href };
    const event = this.page.evaluate(
      (link) =>
        new Promise((resolve) => {
          const element = Object.assign(document.createElement('link'), link);
          element.onload = element.onerror = ({ type }) => resolve(type);
          document.head.append(element);
        }),
      link,
    );
    const type = await inTime(event, () => `${href} is never prefetched`);
    if (type !== 'load') throw new Error(`${href} cannot be prefetched`);
    await this.receipts.complete();
    return this.receipts.take();
  }

  async #received() {
    await this.page.waitForLoadState('load');
    await inTime(settled(this.page), () => `${this.page.url()} never settles`);
    // Some scripts load others when the page is idle.
    let requests;
    do {
      requests = this.receipts.requests;
      await this.page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
      await this.receipts.complete();
    } while (this.receipts.requests > requests);
    return this.receipts.take();
  }
}

async function visit(browser, front) {
  const arrive = async (extraHTTPHeaders = {}) => {
    const visitor = new Visitor(await browser.newContext({ extraHTTPHeaders }), front.url);
    await visitor.openTab();
    return visitor;
  };

  // Each page as the first one of a visitor.
  const arriveAtEach = async (fields) => {
    const visits = [];
    for (const path of pages) {
      const visitor = await arrive(fields);
      visits.push(await visitor.open(path));
      await visitor.context.close();
    }
    return visits;
  };
  const first = await arriveAtEach();
  const withoutWebp = hasPictures ? await arriveAtEach(WITHOUT_WEBP) : [];

  const reader = await arrive();
  await reader.open(start);
  const next = [];
  for (const path of others) next.push(await reader.follow(path));

  const hurried = await arrive();
  await hurried.open(start);
  const prefetched = [];
  for (const path of others) {
    const early = await hurried.prefetch(path);
    prefetched.push([...early, ...(await hurried.follow(path))]);
  }

  // The reader comes back, and the site has changed.
  front.turnTo(after);
  await reader.openTab();
  const returned = [await reader.open(start)];
  for (const path of others) returned.push(await reader.follow(path));
  return { first, withoutWebp, next, prefetched, returned };
}

const front = await Front.before(before);
const browser = await startBrowser();
try {
  const visits = await visit(browser, front);
  process.stdout.write(`${JSON.stringify(visits)}\n`);
} finally {
  await browser.close();
  front.close();
}
