// Calls from the page to the voice service: sound and words in both directions, and interruptions.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { voiceAgent } from '../voice_agent.mjs';
import { chromiumWith, visit } from './visitor.mjs';

const browser = chromiumWith('beeping');

for (const api of ['realtime', 'live']) {
  describe(`a call by ${api}`, () => {
    const agent = voiceAgent({ vars: { VOICE_API: api } });

    test('carries sound in both directions, and the page talks to its own origin alone', () =>
      visit(browser, agent, {}, async (visitor) => {
        const { id } = await visitor.call();
        await visitor.hears();
        assert.ok(Number(await visitor.attribute('inbound-level')) <= 1);
        const [heard] = await agent.control(`calls?wait=audio&id=${id}`);
        assert.ok(heard.packets_in > 0 && heard.packets_out > 0);
        assert.equal(await visitor.page.locator('audio').evaluate((audio) => audio.paused), false);
        assert.equal(await visitor.page.locator('[data-role="unmute"]').count(), 0);
        assert.match(await visitor.attribute('connect-ms'), /^\d+$/);
        assert.equal(await visitor.attribute('api'), api);
        assert.equal(await visitor.attribute('microphone'), 'granted');
        const session = await agent.session(await visitor.attribute('session'));
        assert.deepEqual([session.state, session.api], ['open', api]);
        assert.ok(visitor.requested.some((url) => url.endsWith('/api/voice-agent/sdp')));
      }));

    test('shows what both sides say, and so does the Worker', () =>
      visit(browser, agent, {}, async (visitor) => {
        const { id } = await visitor.call();
        await agent.control(`calls?wait=sideband&id=${id}`);
        await agent.control(`calls/${id}/hear`, { text: 'I have to close the site.' });
        await agent.control(`calls/${id}/say`, { text: 'Who knows of it already?' });
        // The Live API does not tell when a speaker has finished, but when the other one begins.
        const [heard, said] = api === 'live' ? ['final', 'partial'] : ['final', 'final'];
        await visitor.turn('user', 'I have to close the site.', heard);
        await visitor.turn('agent', 'Who knows of it already?', said);
        assert.match(await visitor.attribute('wait-ms'), /^\d+$/);
        await visitor.press('end');
        await visitor.state('ended');
        await visitor.turn('agent', 'Who knows of it already?');
        await agent.control(`calls?wait=ended&id=${id}`);
        const session = await agent.ended(await visitor.attribute('session'));
        assert.deepEqual(session.transcript.map(({ role }) => role), ['user', 'assistant']);
      }));

    test('tells the agent the scene of a training', () =>
      visit(browser, agent, { path: '/training/founder/' }, async (visitor) => {
        await visitor.page.locator('[data-testid="rehearse"]').click();
        await visitor.page.locator('[data-ready="true"]').waitFor();
        assert.equal(await visitor.page.locator('[data-role="training"]').inputValue(), 'founder');
        const { id } = await visitor.call();
        if (api === 'live') {
          await visitor.notice('Begin by saying: “Let us rehearse. You are Marguerite Oyelaran');
          return;
        }
        const [call] = await agent.control(`calls?wait=received&type=response.create&id=${id}`);
        assert.match(JSON.stringify(call.received), /You are Marguerite Oyelaran/);
        await visitor.turn('user', 'You are Marguerite Oyelaran');
      }));

    test('can be paused: neither side hears the other until the visitor goes on', () =>
      visit(browser, agent, {}, async (visitor) => {
        const { id } = await visitor.call();
        await agent.control(`calls?wait=audio&id=${id}`);
        await visitor.press('pause');
        await visitor.state('live', '[data-paused="true"]');
        assert.equal(await visitor.page.locator('audio').evaluate((audio) => audio.muted), true);
        await visitor.press('go-on');
        await visitor.state('live', '[data-paused="false"]');
        assert.equal(await visitor.page.locator('audio').evaluate((audio) => audio.muted), false);
        await visitor.hears();
        assert.equal((await agent.control('calls')).length, 1, 'it is the same call');
      }));

    test('is hung up by the visitor', () =>
      visit(browser, agent, {}, async (visitor) => {
        const { id } = await visitor.call();
        await visitor.press('end');
        await visitor.state('ended');
        await visitor.notice('You ended the rehearsal.');
        await agent.control(`calls?wait=ended&id=${id}`);
        await agent.ended(await visitor.attribute('session'));
      }));

    test('of an agent that speaks is interrupted by speech', () =>
      visit(browser, agent, {}, async (visitor) => {
        const { id } = await visitor.call();
        await agent.control(`calls/${id}/say`, { text: 'We never had a', hold: true });
        await visitor.turn('agent', 'We never had a', 'partial');
        await agent.control(`calls/${id}/hear`, { text: 'Stop, please.' });
        await visitor.turn('user', 'Stop, please.', api === 'live' ? 'partial' : 'final');
        // The Live API has no event for an interruption: its turn ends when the user's begins.
        await visitor.turn('agent', 'We never had a', api === 'live' ? 'final' : 'interrupted');
        await agent.control(`calls/${id}/say`, { text: 'As you wish.' });
        await visitor.turn('agent', 'As you wish.', api === 'live' ? 'partial' : 'final');
      }));
  });
}

describe('the button for interruptions', () => {
  const agent = voiceAgent();

  test('cancels the turn of an agent of Realtime, which is marked', () =>
    visit(browser, agent, {}, async (visitor) => {
      const { id } = await visitor.call();
      const button = visitor.page.locator('[data-role="interrupt"]');
      assert.ok(await button.isDisabled(), 'while nobody speaks');
      await agent.control(`calls/${id}/say`, { text: 'It all began in', hold: true });
      await visitor.turn('agent', 'It all began in', 'partial');
      await button.click();
      const [call] = await agent.control(`calls?wait=received&type=response.cancel&id=${id}`);
      assert.equal(call.turn_open, false);
      await visitor.turn('agent', 'It all began in', 'interrupted');
      await agent.control(`calls?wait=received&type=output_audio_buffer.clear&id=${id}`);
      await visitor.page.locator('[data-role="interrupt"][disabled]').waitFor();
    }));
});
