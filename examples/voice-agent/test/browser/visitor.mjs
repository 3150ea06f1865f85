// A visitor of the site with Chromium. A visit fails if the page reports a fault, and it waits for states of
// the page, never for a time.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { startChromium } from './chromium.mjs';

/** The longest wait for a state, in milliseconds. ICE takes some 12 s to give up a peer that is silent. */
const PATIENCE = 600_000;

/**
 * Starts Chromium for the tests of a file.
 *
 * @param {Parameters<typeof startChromium>[0]} [microphone]
 * @returns {{ newContext: import('playwright-core').Browser['newContext'] }} usable within tests
 */
export function chromiumWith(microphone = 'beeping') {
  let browser;
  before(async () => {
    browser = await startChromium(microphone);
  });
  after(() => browser.close());
  return { newContext: (options) => browser.newContext(options) };
}

/** The voice room while the level of the agent's sound is at least 0.1. */
const AUDIBLE = '[data-inbound-level]:not([data-inbound-level^="0.0"]):not([data-inbound-level="0"])';

/** Returns how the console of Chromium tells of a response with a status of an error. */
export const failedResponse = (status) => new RegExp(`^Failed to load resource: .* status of ${status} `);

/** A person with a browser, and all that the page has reported. */
export class Visitor {
  /** What the console and the policies of the page say. @type {string[]} */
  faults = [];
  /** The URLs of all requests. @type {string[]} */
  requested = [];

  /**
   * @param {import('playwright-core').Page} page
   * @param {import('../voice_agent.mjs').VoiceAgent} agent
   */
  constructor(page, agent) {
    this.page = page;
    this.agent = agent;
    this.root = page.locator('[data-voice-agent]');
    page.setDefaultTimeout(PATIENCE);
    page.on('request', (request) => this.requested.push(request.url()));
    page.on('pageerror', (error) => this.faults.push(`not caught: ${error.stack}`));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.faults.push(message.text());
    });
  }

  /** Goes to a page, and returns its response. The voice room is ready then. */
  async go(path) {
    const response = await this.page.goto(new URL(path, this.agent.worker.url).href);
    if (path.startsWith('/voice/')) await this.page.locator('[data-ready="true"]').waitFor();
    return response;
  }

  /** Presses a button of the voice room, by its `data-role`. */
  async press(role) {
    await this.page.locator(`button[data-role="${role}"]`).click();
  }

  /** Waits until the voice room is in a state. */
  async state(name, more = '') {
    try {
      await this.page.locator(`[data-voice-agent][data-state="${name}"]${more}`).waitFor({ state: 'attached' });
    } catch (error) {
      const shown = await this.root.evaluate(({ dataset, innerText }) => `${JSON.stringify(dataset)}\n${innerText}`);
      throw new Error(`the state is not ${name}${more}, but ${shown}`, { cause: error });
    }
  }

  /** Starts a call, and returns it as the stub sees it, once it is connected. */
  async call(role = 'start') {
    const { length } = await this.agent.control('calls');
    await this.press(role);
    return this.connected(length + 1);
  }

  /** Waits for a connection, and returns the last of so many calls of the stub. */
  async connected(count) {
    await this.state('live');
    const calls = await this.agent.control(`calls?wait=open&count=1`);
    assert.equal((await this.agent.control('calls')).length, count, 'calls at the stub');
    const { id } = calls.at(-1);
    return (await this.agent.control(`calls?wait=channel&id=${id}`))[0];
  }

  /** Waits until the page measures sound in what the agent sends. */
  async hears() {
    await this.page.locator(AUDIBLE).waitFor();
  }

  /** Returns an attribute `data-*` of the voice room. */
  attribute(name) {
    return this.root.getAttribute(`data-${name}`);
  }

  /** Waits until a turn with a text is in the transcript, in a state or in `any`. */
  async turn(speaker, text, state = 'final') {
    const inState = state === 'any' ? '' : `[data-turn="${state}"]`;
    const turn = this.page.locator(`[data-role="transcript"] li[data-speaker="${speaker}"]${inState}`);
    await turn.filter({ hasText: text }).first().waitFor();
  }

  /** Waits until the notice contains a text. */
  async notice(text) {
    await this.page.locator('[data-role="notice"]').filter({ hasText: text }).waitFor();
  }

  /** Waits until the status is a sentence. */
  async status(text) {
    await this.page.locator('[data-role="status"]').filter({ hasText: text }).waitFor();
  }

  /** Types something, and sends it by a key. */
  async type(text) {
    const field = this.page.locator('[data-role="say"]');
    await field.fill(text);
    await field.press('Enter');
  }
}

/**
 * Makes a visit, which ends with the test. Each visitor has an address of its own, so that the limits of one do
 * not count for another.
 *
 * @param {{ newContext: import('playwright-core').Browser['newContext'] }} browser
 * @param {import('../voice_agent.mjs').VoiceAgent} agent
 * @param {object} options those of a context, and:
 * @param {string | null} [options.path] the first page, `null` for none
 * @param {string} [options.from] the address of the visitor
 * @param {'real' | 'set'} [options.clock] `set` for a clock that the test advances
 * @param {RegExp[]} [options.expected] faults that belong to the test
 * @param {RegExp[]} [options.others] hosts beside that of the site which belong to it
 * @param {(visitor: Visitor) => Promise<void>} test
 */
export async function visit(browser, agent, options, test) {
  const { path = '/voice/', from = agent.client(), clock = 'real', expected = [], others = [], ...context } = options;
  await agent.control('reset', {});
  const opened = await browser.newContext({ extraHTTPHeaders: { 'CF-Connecting-IP': from }, ...context });
  try {
    await opened.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        console.error(`violates ${violatedDirective}: ${blockedURI}`);
      });
    });
    const page = await opened.newPage();
    if (clock === 'set') await page.clock.install();
    const visitor = new Visitor(page, agent);
    if (path !== null) await visitor.go(path);
    await test(visitor);
    const unexpected = (seen, patterns) => seen.filter((each) => !patterns.some((pattern) => pattern.test(each)));
    assert.deepEqual(unexpected(visitor.faults, expected), []);
    const hosts = visitor.requested.filter((url) => !url.startsWith('blob:')).map((url) => new URL(url).host);
    assert.deepEqual(unexpected([...new Set(hosts)], [...others, new RegExp(`^${agent.worker.url.host}$`)]), [], 'hosts');
  } finally {
    await opened.close();
  }
}
