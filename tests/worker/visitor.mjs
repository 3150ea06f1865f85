// A browser, and visitors with an empty cache that record every error on a site.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { settled } from './page.mjs';

/** Time limit of every wait, in milliseconds: far beyond what a busy machine takes. */
export const LIMIT = 120_000;

/** Starts the browser that `WORKER_PACK_CHROMIUM` names. */
export function startBrowser() {
  const { chromium } = createRequire(join(variable('WORKER_PACK_TOOLS'), 'package.json'))(
    'playwright-core',
  );
  return chromium.launch({
    executablePath: variable('WORKER_PACK_CHROMIUM'),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
    timeout: LIMIT,
  });
}

/** Returns an environment variable. Fails if it is missing. */
export function variable(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

/** A browser context on one site. */
export class Visitor {
  /** Descriptions of the errors so far. */
  problems = [];
  /** The expected status of each URL that is meant to fail. */
  #failing = new Map();
  /** Requests that have neither finished nor failed. */
  #pending = new Set();
  #noticed = () => {};

  /**
   * Opens an empty page in a new context.
   *
   * @param {import('playwright-core').Browser} browser
   * @param {string} site the URL of the site
   * @param {{width?: number, scheme?: 'light' | 'dark'}} [look]
   */
  static async arrive(browser, site, { width = 1280, scheme = 'light' } = {}) {
    const visitor = new Visitor();
    visitor.site = site;
    visitor.context = await browser.newContext({
      viewport: { width, height: 800 },
      colorScheme: scheme,
    });
    visitor.context.setDefaultTimeout(LIMIT);
    await visitor.openTab();
    return visitor;
  }

  /** Replaces the page, if any, by a new one with the same cache and cookies. */
  async openTab() {
    await this.page?.close();
    this.#pending.clear();
    this.page = await this.context.newPage();
    this.page.on('console', (message) => this.#read(message));
    this.page.on('pageerror', (error) => this.problems.push(`${this.page.url()}: ${error}`));
    this.page.on('request', (request) => this.#pending.add(request));
    this.page.on('response', (response) => this.#judge(response));
    for (const event of ['requestfinished', 'requestfailed']) {
      this.page.on(event, (request) => this.#forget(request));
    }
  }

  async leave() {
    await this.context.close();
  }

  /**
   * Goes to a page, waits until it is complete and hydrated, and returns the response.
   *
   * @param {number} [status] the expected status
   */
  async open(path, status = 200) {
    const response = await this.goTo(path, status);
    await this.settle();
    return response;
  }

  /** Like `open`, but waits only for the `load` event. */
  async goTo(path, status = 200) {
    if (status >= 400) this.expect(path, status);
    const { href } = new URL(path, this.site);
    const response = await this.page.goto(href, { waitUntil: 'load' });
    assert.equal(response.status(), status, href);
    return response;
  }

  /** Returns the text of a file without opening it as a page. */
  async fetch(path) {
    const response = await this.context.request.get(new URL(path, this.site).href);
    assert.ok(response.ok(), `${response.status()} ${path}`);
    return response.text();
  }

  /** Declares the expected status of a URL that is meant to fail. */
  expect(path, status) {
    this.#failing.set(new URL(path, this.site).href, status);
  }

  /** Waits until the page is complete and hydrated. Fails if any error was recorded. */
  async settle() {
    await inTime(settled(this.page), () => `${this.page.url()} never settles`);
    await inTime(this.#quiet(), () => {
      const urls = [...this.#pending].map((request) => request.url());
      return `${this.page.url()} still waits for ${urls.join(', ')}`;
    });
    if (this.problems.length > 0) throw new Error(`${this.page.url()} has errors`);
  }

  /** Waits until an element shows a text: exactly, or matching a pattern. */
  async shows(id, text) {
    const element = this.page.getByTestId(id);
    try {
      await element.and(this.page.getByText(text, { exact: true })).waitFor();
    } catch {
      const shown = await element.allInnerTexts();
      assert.fail(`${this.page.url()} shows ${JSON.stringify(shown)} as ${id}, and not ${text}`);
    }
  }

  /** Clicks an element outside of islands or in a hydrated one. */
  click(id) {
    return this.page.getByTestId(id).click();
  }

  /** Returns the island around an element if it is not hydrated yet. */
  unhydrated(id) {
    return this.page.locator('astro-island[ssr]').filter({ has: this.page.getByTestId(id) });
  }

  /** Waits until the island around an element is hydrated. */
  untilHydrated(id) {
    return this.unhydrated(id).waitFor({ state: 'detached' });
  }

  #read(message) {
    if (!['error', 'warning', 'assert'].includes(message.type())) return;
    const { url } = message.location();
    const status = this.#failing.get(url);
    if (status && message.text().includes(`status of ${status}`)) return;
    this.problems.push(`${this.page.url()}: ${message.type()}: ${message.text()} (${url})`);
  }

  #judge(response) {
    const [url, status] = [response.url(), response.status()];
    if (status >= 400 && this.#failing.get(url) !== status) this.problems.push(`${status} ${url}`);
  }

  #forget(request) {
    this.#pending.delete(request);
    this.#noticed();
    const failure = request.failure()?.errorText;
    // A browser aborts requests that it no longer needs: after navigation, or in a player.
    if (failure && failure !== 'net::ERR_ABORTED') {
      this.problems.push(`${failure} ${request.url()}`);
    }
  }

  /** Waits for all pending requests except those of media players. */
  async #quiet() {
    const isOpen = (request) => request.resourceType() !== 'media';
    while ([...this.#pending].some(isOpen)) {
      await new Promise((resolve) => (this.#noticed = resolve));
    }
  }
}

/** Waits for a promise within the time limit. */
export async function inTime(promise, explain) {
  let timer;
  const limit = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`after ${LIMIT / 1000} s: ${explain()}`)), LIMIT);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
