// The pages at the widths of a telephone and a desk, in light and dark: nothing is cut off. With the folder in
// `VOICE_AGENT_SCREENSHOTS`, their pictures are kept there for people to look at.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { voiceAgent } from '../voice_agent.mjs';
import { chromiumWith, failedResponse, visit } from './visitor.mjs';

const browser = chromiumWith('beeping');

const WIDTHS = { 390: 844, 1280: 900 };

/** Brings the voice room into a state with something to see. */
const STATES = {
  async idle() {},
  async live(agent, visitor) {
    const { id } = await visitor.call();
    await agent.control(`calls/${id}/say`, { text: 'You have missed two quarters. Why should I believe the third?' });
    await agent.control(`calls/${id}/hear`, { text: 'Because this time the orders are signed, and you can read them before the meeting.' });
    await agent.control(`calls/${id}/say`, { text: 'Send them to me. And what do you', hold: true });
    await visitor.turn('agent', 'And what do you', 'partial');
    await visitor.hears();
  },
  async chat(agent, visitor) {
    await agent.control('chat', { chunks: ['Nobody asked us. ', 'We read it ', 'in the paper.'] });
    await visitor.press('type');
    await visitor.type('I want to tell you myself that the site closes in June.');
    await visitor.turn('agent', 'in the paper.');
  },
};

const PAGES = [
  ['home', '/', 200],
  ['trainings', '/training/', 200],
  ['training', '/training/closing-the-site/', 200],
  ['voice-idle', '/voice/?training=missed-forecast', 200, STATES.idle],
  ['voice-live', '/voice/?training=missed-forecast', 200, STATES.live],
  ['voice-chat', '/voice/?training=closing-the-site', 200, STATES.chat],
  ['account', '/account/', 200],
  ['problems', '/problems/', 200],
  ['404', '/no-such-page/', 404],
];

describe('a page', () => {
  const agent = voiceAgent();

  for (const [name, path, status, prepare = STATES.idle] of PAGES) {
    for (const [width, height] of Object.entries(WIDTHS)) {
      for (const colorScheme of ['light', 'dark']) {
        const options = {
          path,
          colorScheme,
          viewport: { width: Number(width), height },
          expected: status === 200 ? [] : [failedResponse(status)],
        };
        test(`${name} fits into ${width} px in ${colorScheme} colours`, () =>
          visit(browser, agent, options, async (visitor) => {
            await prepare(agent, visitor);
            const wide = await visitor.page.evaluate(() => {
              const { clientWidth } = document.documentElement;
              const isCut = (element) => element.getBoundingClientRect().right > clientWidth + 1 && element.checkVisibility();
              return [...document.querySelectorAll('body *')].filter(isCut).map((element) => element.outerHTML.slice(0, 80));
            });
            assert.deepEqual(wide, []);
            assert.equal(await visitor.page.evaluate(() => document.documentElement.scrollWidth), Number(width));
            const folder = process.env.VOICE_AGENT_SCREENSHOTS;
            if (folder) {
              await visitor.page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
            }
          }));
      }
    }
  }
});
