// A call as `npm start` offers it: the agent of the stub greets, listens and answers by itself.

import { after, before, describe, test } from 'node:test';

import { VoiceAgent } from '../voice_agent.mjs';
import { startWorker } from '../../dev/worker.mjs';
import { startStub } from '../../stub/server.mjs';
import { chromiumWith, visit } from './visitor.mjs';

const browser = chromiumWith('speaking');

describe('the conversation of the stub', () => {
  let agent;
  before(async () => {
    const stub = await startStub({ turns: 'conversation' });
    agent = new VoiceAgent(stub, await startWorker({ upstream: stub.url }));
  });
  after(() => agent.stop());

  test('answers a visitor with what it has heard', () =>
    visit(browser, agent, {}, async (visitor) => {
      await visitor.call();
      // The visitor speaks again and again, and interrupts an agent whose machine is slow.
      await visitor.turn('agent', 'Hello!', 'any');
      await visitor.turn('user', 'seconds of speech');
      await visitor.turn('agent', 'You spoke for', 'any');
      await visitor.hears();
    }));
});
