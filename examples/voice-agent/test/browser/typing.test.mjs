// Typing, which is what remains when speaking is impossible.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { voiceAgent } from '../voice_agent.mjs';
import { chromiumWith, failedResponse, visit } from './visitor.mjs';

const browser = chromiumWith('beeping');
const refused = chromiumWith('refused');
const missing = chromiumWith('missing');

/** Types a sentence, and waits for the answer of the stub, which repeats it. */
async function assertTypingWorks(visitor) {
  await visitor.state('chat');
  await visitor.type('I cannot speak here.');
  await visitor.turn('user', 'I cannot speak here.');
  await visitor.turn('agent', 'You wrote: I cannot speak here.');
  await visitor.state('chat');
}

for (const api of ['realtime', 'live']) {
  describe(`typing instead of a call by ${api}`, () => {
    const agent = voiceAgent({ vars: { VOICE_API: api } });
    const path = api === 'live' ? '/v1/live' : '/v1/realtime';

    for (const [what, mode, status, sentence] of [
      ['refuses the key', '401', 502, 'The voice service refused our key.'],
      ['has a fault', '500', 502, 'The voice service has a fault at the moment.'],
      ['sends an empty error', 'empty-error', 502, 'The voice service has a fault at the moment.'],
      ['sends a page', 'html', 502, 'The voice service has a fault at the moment.'],
      ['cannot be reached', 'down', 502, 'The voice service has a fault at the moment.'],
      ['is asked too often', '429', 503, 'Try again in 20 seconds.'],
      ['answers with a description that a browser refuses', 'wrong-sdp', null, 'that this browser does not accept'],
    ]) {
      test(`works if the voice service ${what}`, () =>
        visit(browser, agent, { expected: status === null ? [] : [failedResponse(status)] }, async (visitor) => {
          await agent.mode(mode, { path });
          await visitor.press('start');
          await visitor.state('chat');
          await visitor.notice(sentence);
          await assertTypingWorks(visitor);
          // The call that the browser could not use costs nothing any more.
          if (mode === 'wrong-sdp') await agent.control('calls?wait=ended');
        }));
    }

    test('works by choice, also in the middle of a call, whose words the chat knows', () =>
      visit(browser, agent, {}, async (visitor) => {
        const { id } = await visitor.call();
        await agent.control(`calls/${id}/hear`, { text: 'I would rather write.' });
        await agent.control(`calls/${id}/say`, { text: 'Then write.' });
        await visitor.turn('agent', 'Then write.', api === 'live' ? 'partial' : 'final');
        await visitor.press('type');
        await agent.control(`calls?wait=ended&id=${id}`);
        await assertTypingWorks(visitor);
        const [{ body }] = await agent.control('log?wait=/v1/responses');
        assert.match(JSON.stringify(body.input), /I would rather write\..*Then write\..*I cannot speak here\./);
      }));

    test('is followed by a call', () =>
      visit(browser, agent, {}, async (visitor) => {
        await visitor.press('type');
        await assertTypingWorks(visitor);
        const { id } = await visitor.call('speak');
        if (api === 'live') {
          await visitor.notice('The agent does not know what was typed.');
        } else {
          const [call] = await agent.control(`calls?wait=received&type=conversation.item.create&id=${id}`);
          assert.match(JSON.stringify(call.received), /I cannot speak here\./);
        }
        await visitor.turn('agent', 'You wrote: I cannot speak here.');
      }));
  });
}

describe('typing', () => {
  const agent = voiceAgent();

  test('shows the answer while it arrives, and stops it', () =>
    visit(browser, agent, {}, async (visitor) => {
      await agent.control('chat', { chunks: ['I think '], hold: true });
      await visitor.press('type');
      await visitor.type('What do you think?');
      await visitor.turn('agent', 'I think I think', 'partial');
      await visitor.press('stop');
      await visitor.turn('agent', 'I think', 'interrupted');
      await agent.control('log?wait=/v1/responses&aborted=1');
      await agent.control('chat', {});
      await assertTypingWorks(visitor);
    }));

  for (const [end, sentence] of [
    ['failed', 'The stub ends with a failure.'],
    ['error', 'The stub ends with an error.'],
  ]) {
    test(`keeps what has arrived of an answer that ends as ${end}`, () =>
      visit(browser, agent, {}, async (visitor) => {
        await agent.control('chat', { chunks: ['Let me '], end });
        await visitor.press('type');
        await visitor.type('And now?');
        await visitor.turn('agent', 'Let me', 'interrupted');
        await visitor.notice(sentence);
        await agent.control('chat', {});
        await assertTypingWorks(visitor);
      }));
  }

  test('keeps the words if the connection to the voice service breaks during the answer', () =>
    visit(browser, agent, { expected: [/net::ERR_INCOMPLETE_CHUNKED_ENCODING/, failedResponse(502)] }, async (visitor) => {
      await agent.control('chat', { chunks: ['Let me '], end: 'cut' });
      await visitor.press('type');
      await visitor.type('And now?');
      // workerd may pass on the end before what came before it.
      await visitor.notice(/(The reply broke off|The voice service has a fault at the moment)\. Your words are kept above\./);
      await visitor.turn('user', 'And now?');
      await agent.control('chat', {});
      await assertTypingWorks(visitor);
    }));

  test('is chosen on a telephone, whose field comes into view', () =>
    visit(browser, agent, { viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' }, async (visitor) => {
      await visitor.press('type');
      await visitor.page.locator('[data-role="say"]:focus').waitFor();
      const { bottom } = await visitor.page.locator('[data-role="say"]').evaluate((field) => field.getBoundingClientRect());
      assert.ok(bottom <= 844, `${bottom}`);
    }));

  test('keeps the words if the chat does not answer', () =>
    visit(browser, agent, { expected: [failedResponse(502)] }, async (visitor) => {
      await agent.mode('500', { path: '/v1/responses' });
      await visitor.press('type');
      await visitor.type('Are you there?');
      await visitor.notice('The voice service has a fault at the moment. Your words are kept above.');
      await visitor.turn('user', 'Are you there?');
      await agent.mode('ok');
      await assertTypingWorks(visitor);
    }));

  test('takes the place of an eleventh call within a minute', () => {
    const from = agent.client();
    return visit(browser, agent, { from, expected: [failedResponse(429)] }, async (visitor) => {
      for (let calls = 0; calls < 10; calls += 1) await agent.offer({ from });
      await visitor.press('start');
      await visitor.state('chat');
      await visitor.notice('You have started many rehearsals in a short time. Try again in');
      await assertTypingWorks(visitor);
    });
  });
});

describe('typing while the voice service is down', () => {
  // The Worker asks it once in five minutes, so this is a Worker that has not asked yet.
  const agent = voiceAgent();

  test('is offered at once', () =>
    visit(browser, agent, { path: null, expected: [failedResponse(503)] }, async (visitor) => {
      await agent.mode('down');
      await visitor.go('/voice/');
      await visitor.state('chat');
      await visitor.notice('The voice service cannot be reached at the moment.');
      await agent.mode('ok');
      await assertTypingWorks(visitor);
    }));
});

describe('typing without a microphone', () => {
  const agent = voiceAgent();

  test('works if the browser refuses it', () =>
    visit(refused, agent, {}, async (visitor) => {
      await visitor.press('start');
      await visitor.state('chat');
      await visitor.notice('This site may not use the microphone. Open the site settings');
      await assertTypingWorks(visitor);
      assert.deepEqual(await agent.control('calls'), []);
    }));

  test('is offered at once if it was refused before', () =>
    visit(browser, agent, { permissions: [] }, async (visitor) => {
      await visitor.state('chat');
      assert.equal(await visitor.attribute('microphone'), 'denied');
      await visitor.notice('This site may not use the microphone.');
      await assertTypingWorks(visitor);
    }));

  test('works if there is none', () =>
    visit(missing, agent, {}, async (visitor) => {
      await visitor.press('start');
      await visitor.state('chat');
      await visitor.notice('No microphone was found.');
      await assertTypingWorks(visitor);
    }));
});

describe('a Worker without a key', () => {
  const agent = voiceAgent({ vars: { OPENAI_API_KEY: undefined } });

  test('shows that the voice room does not work, and keeps what is typed', () =>
    visit(browser, agent, { expected: [failedResponse(503)] }, async (visitor) => {
      await visitor.state('chat');
      await visitor.notice('The voice service cannot be reached at the moment.');
      await visitor.type('Hello?');
      await visitor.state('failed');
      await visitor.notice('The voice room is not set up on this server yet.');
      await visitor.turn('user', 'Hello?');
      await visitor.press('speak');
      await visitor.state('chat');
      await visitor.notice('The voice room is not set up on this server yet.');
      assert.deepEqual(await agent.control('log'), []);
    }));
});
