// Calls that come to an end: by the visitor, by the Worker, by the voice service.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { voiceAgent } from '../voice_agent.mjs';
import { assertGoesOn, talk } from './memory.mjs';
import { chromiumWith, visit } from './visitor.mjs';

const browser = chromiumWith('beeping');

for (const api of ['realtime', 'live']) {
  describe(`a call by ${api}`, () => {
    const agent = voiceAgent({ vars: { VOICE_API: api } });

    test('that the voice service ends after an hour can be continued', () =>
      visit(browser, agent, {}, async (visitor) => {
        const first = await visitor.call();
        await talk(agent, visitor, first);
        await agent.control(`calls/${first.id}/expire`, {});
        await visitor.state('ended');
        await visitor.notice('The voice service ends every call after an hour.');
        await assertGoesOn(visitor, await visitor.call('continue'));
      }));

    test('that an operator ends is over on the page too, and can be continued', () =>
      visit(browser, agent, {}, async (visitor) => {
        const first = await visitor.call();
        await talk(agent, visitor, first);
        await agent.operate('DELETE', `session/${await visitor.attribute('session')}`);
        await visitor.state('ended');
        await visitor.notice('We ended this call from our side.');
        await visitor.status('The rehearsal is over.');
        await assertGoesOn(visitor, await visitor.call('continue'));
        await visitor.press('end');
        await visitor.state('ended');
        await visitor.call('start');
        assert.equal(await visitor.page.locator('[data-role="transcript"] li').count(), 0, 'another one begins anew');
      }));

    test('is announced to end, and ends when its time is used up', () =>
      visit(browser, agent, { clock: 'set' }, async (visitor) => {
        const first = await visitor.call();
        await talk(agent, visitor, first);
        assert.match(await visitor.page.locator('[data-role="remaining"]').innerText(), /^1[45]:\d\d left$/);
        await visitor.page.clock.fastForward('14:01');
        await visitor.notice('This call ends in 60 seconds.');
        await visitor.page.clock.fastForward('01:05');
        await visitor.state('ended');
        await visitor.notice('The time for this call is used up.');
        await agent.control(`calls?wait=ended&id=${first.id}`);
        const { state } = await agent.ended(await visitor.attribute('session'));
        assert.equal(state, 'ended');
      }));

    test('is hung up when the visitor leaves the page, and continued when the visitor comes back', () =>
      visit(browser, agent, {}, async (visitor) => {
        const first = await visitor.call();
        const session = await visitor.attribute('session');
        await talk(agent, visitor, first);
        await visitor.go('/training/');
        await agent.control(`calls?wait=ended&id=${first.id}`);
        await agent.ended(session);
        await visitor.go('/voice/');
        await visitor.state('ended');
        await visitor.notice('You were in the middle of a rehearsal when this page was left.');
        await assertGoesOn(visitor, await visitor.call('continue'));
      }));
  });
}

describe('the time of a call', () => {
  const agent = voiceAgent({ vars: { SESSION_MINUTES: 0 } });

  test('is none while operators have closed the voice room, and the visitor types', () =>
    visit(browser, agent, {}, async (visitor) => {
      await visitor.press('start');
      await visitor.state('chat');
      await visitor.notice('The voice room accepts no calls at the moment.');
      await agent.control('calls?wait=ended');
    }));
});

describe('the calls of a page', () => {
  const agent = voiceAgent({ vars: { SESSION_MINUTES: 60 } });
  const choose = (visitor, training) => visitor.page.locator('[data-role="training"]').selectOption(training);

  test('are hung up after half an hour of pause', () =>
    visit(browser, agent, { clock: 'set' }, async (visitor) => {
      const { id } = await visitor.call();
      await visitor.press('pause');
      await visitor.state('live', '[data-paused="true"]');
      await visitor.page.clock.fastForward('29:50');
      assert.equal((await agent.control('calls'))[0].open, true);
      await visitor.page.clock.fastForward('00:15');
      await visitor.state('ended');
      await visitor.notice('The call was paused for so long that it was hung up.');
      await agent.control(`calls?wait=ended&id=${id}`);
    }));

  test('are two: a third one ends the one that has been paused for longest', () =>
    visit(browser, agent, {}, async (visitor) => {
      const first = await visitor.call();
      await choose(visitor, 'reporter');
      await visitor.state('idle');
      const second = await visitor.call();
      await choose(visitor, 'founder');
      await visitor.state('idle');
      const third = await visitor.call();
      await agent.control(`calls?wait=ended&id=${first.id}`);
      const open = (await agent.control('calls')).filter((call) => call.open).map(({ id }) => id);
      assert.deepEqual(open, [second.id, third.id]);
    }));

  test('are taken up again by a visitor who returns to the training', () =>
    visit(browser, agent, {}, async (visitor) => {
      const { id } = await visitor.call();
      const session = await visitor.attribute('session');
      await agent.control(`calls/${id}/say`, { text: 'I am still here.' });
      await visitor.turn('agent', 'I am still here.');
      await choose(visitor, 'reporter');
      await visitor.state('idle');
      await choose(visitor, '');
      await visitor.state('live', '[data-paused="true"]');
      await visitor.press('go-on');
      await visitor.state('live', '[data-paused="false"]');
      assert.equal(await visitor.attribute('session'), session);
      await visitor.turn('agent', 'I am still here.');
      assert.equal((await agent.control('calls')).length, 1);
    }));
});
