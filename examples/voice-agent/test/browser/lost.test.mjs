// Calls that break, and how the page places them again.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { voiceAgent } from '../voice_agent.mjs';
import { assertGoesOn, talk } from './memory.mjs';
import { chromiumWith, failedResponse, visit } from './visitor.mjs';

const browser = chromiumWith('beeping');

for (const api of ['realtime', 'live']) {
  describe(`a call by ${api}`, () => {
    const agent = voiceAgent({ vars: { VOICE_API: api } });

    for (const how of ['channel', 'silent']) {
      const name = how === 'channel' ? 'closes its connection' : 'falls silent';
      test(`whose peer ${name} is placed again, and the next one knows what was said`, () =>
        visit(browser, agent, {}, async (visitor) => {
          const first = await visitor.call();
          const session = await visitor.attribute('session');
          await talk(agent, visitor, first);
          await agent.control(`calls/${first.id}/drop`, { how });
          await visitor.state('reconnecting');
          await agent.control('calls?wait=open');
          await visitor.state('live', `:not([data-session="${session}"])`);
          const second = await visitor.connected(2);
          await assertGoesOn(visitor, second);
          assert.equal((await agent.session(session)).reason, 'dropped');
          await agent.control(`calls?wait=audio&id=${second.id}`);
          await visitor.hears();
        }));
    }

    test('that cannot be placed again ends in typing', () =>
      visit(browser, agent, { clock: 'set', expected: [failedResponse(502)] }, async (visitor) => {
        const first = await visitor.call();
        await talk(agent, visitor, first);
        await agent.mode('500', { path: api === 'live' ? '/v1/live' : '/v1/realtime' });
        await agent.control(`calls/${first.id}/drop`, { how: 'channel' });
        await visitor.state('reconnecting');
        for (let attempt = 1; attempt <= 5; attempt += 1) {
          await visitor.status(`Calling again: try ${attempt} of 5.`);
          await visitor.page.clock.fastForward('00:10');
        }
        await visitor.state('chat');
        await visitor.notice('The voice service has a fault at the moment.');
        await visitor.turn('agent', 'And who has checked it?');
      }));

    test('that is lost with the network waits for it, and is placed again at once when it is back', () =>
      visit(browser, agent, { clock: 'set', expected: [/net::ERR_INTERNET_DISCONNECTED/] }, async (visitor) => {
        const first = await visitor.call();
        await talk(agent, visitor, first);
        await visitor.page.context().setOffline(true);
        await agent.control(`calls/${first.id}/drop`, { how: 'channel' });
        for (const attempt of [1, 2]) {
          await visitor.status(`Calling again: try ${attempt} of 5.`);
          await visitor.page.clock.fastForward('00:10');
        }
        await visitor.status('Calling again: try 3 of 5.');
        await visitor.page.context().setOffline(false);
        await visitor.state('live');
        await assertGoesOn(visitor, await visitor.connected(2));
      }));
  });
}
