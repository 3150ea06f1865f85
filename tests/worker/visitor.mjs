// A browser, and visitors with nothing in their caches who note whatever goes wrong on a site.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { settled } from './page.mjs';

/** How long anything may take that a visitor waits for: far longer than it does. */
export const LIMIT = 15_000;

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

/** Returns a variable of the environment, without which there is nothing to test. */
export function variable(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

/** Somebody who looks at a site. */
export class Visitor {
  /** What went wrong so far, in words. */
  problems = [];
  /** The URLs that are meant to fail, with their statuses. */
  #failing = new Map();
  /** What has been asked for and has not arrived, nor failed. */
  #pending = new Set();
  #noticed = () => {};

  /**
   * Opens an empty page in a context of its own.
   *
   * @param {import('playwright-core').Browser} browser
   * @param {string} site the URL that the site is at
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

  /** Closes the page, if there is one, and opens another one that shares its cache and cookies. */
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
   * Goes to a page, waits until all of it is there and awake, and returns the response.
   *
   * @param {number} [status] what the response has to have
   */
  async open(path, status = 200) {
    const response = await this.goTo(path, status);
    await this.settle();
    return response;
  }

  /** As `open`, but waits for no more than the page itself. */
  async goTo(path, status = 200) {
    if (status >= 400) this.expect(path, status);
    const { href } = new URL(path, this.site);
    const response = await this.page.goto(href, { waitUntil: 'load' });
    assert.equal(response.status(), status, href);
    return response;
  }

  /** Returns a file's text, without showing it. */
  async fetch(path) {
    const response = await this.context.request.get(new URL(path, this.site).href);
    assert.ok(response.ok(), `${response.status()} ${path}`);
    return response.text();
  }

  /** Says that a URL is meant to fail, and how. */
  expect(path, status) {
    this.#failing.set(new URL(path, this.site).href, status);
  }

  /** Waits until all of a page is there and awake. Fails if anything has gone wrong until then. */
  async settle() {
    await inTime(settled(this.page), () => `${this.page.url()} never settles`);
    await inTime(this.#quiet(), () => {
      const urls = [...this.#pending].map((request) => request.url());
      return `${this.page.url()} still waits for ${urls.join(', ')}`;
    });
    if (this.problems.length > 0) throw new Error(`${this.page.url()} is not as it should be`);
  }

  /** Waits until an element shows a text, all of it unless that is a pattern. */
  async shows(id, text) {
    const element = this.page.getByTestId(id);
    try {
      await element.and(this.page.getByText(text, { exact: true })).waitFor();
    } catch {
      const shown = await element.allInnerTexts();
      assert.fail(`${this.page.url()} shows ${JSON.stringify(shown)} as ${id}, and not ${text}`);
    }
  }

  /** Clicks something that no island has to wake up for, or that is awake. */
  click(id) {
    return this.page.getByTestId(id).click();
  }

  /** Returns the islands around an element in which nothing has happened yet. */
  asleep(id) {
    return this.page.locator('astro-island[ssr]').filter({ has: this.page.getByTestId(id) });
  }

  /** Waits until the island around an element is awake. */
  awake(id) {
    return this.asleep(id).waitFor({ state: 'detached' });
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
    // A browser breaks off what it needs no more: when one moves on, or a player has enough.
    if (failure && failure !== 'net::ERR_ABORTED') {
      this.problems.push(`${failure} ${request.url()}`);
    }
  }

  /** Waits until everything has arrived, but for what players load as they please. */
  async #quiet() {
    const isOpen = (request) => request.resourceType() !== 'media';
    while ([...this.#pending].some(isOpen)) {
      await new Promise((resolve) => (this.#noticed = resolve));
    }
  }
}

/** Waits for something, but not for ever. */
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
