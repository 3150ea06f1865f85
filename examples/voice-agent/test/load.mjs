// Bounded load for a Worker, used by a test and by `npm run figures`.

/** Number of requests at a time. */
const AT_ONCE = 50;

/** Runs jobs with their numbers, 50 at a time, and returns the results. */
export async function inParallel(number, job) {
  const results = [];
  let next = 0;
  const runner = async () => {
    while (next < number) {
      const index = next;
      next += 1;
      results[index] = await job(index);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runner));
  return results;
}

/**
 * The requests of visitors, all kinds in turn, from 50 addresses: so few of each that the quotas allow 5,000
 * in a minute. One in ten asks for a token, each of which has a Durable Object.
 */
export class Visitors {
  #agent;
  #session;
  #addresses;

  /** @param {import('./voice_agent.mjs').VoiceAgent} agent */
  constructor(agent, session) {
    this.#agent = agent;
    this.#session = session;
    this.#addresses = Array.from({ length: AT_ONCE }, () => agent.client());
  }

  /** Sends requests, and returns what differs from the response expected, with how often it does. */
  async send(number) {
    const kinds = this.#kinds();
    const outcomes = await inParallel(number, async (index) => {
      const [name, status, send] = kinds[index % kinds.length];
      const response = await send(this.#addresses[Math.floor(index / kinds.length) % AT_ONCE]);
      const text = await response.text();
      const isGood = response.status === status && text.length > 10;
      return isGood ? undefined : `${name}: ${response.status} ${text.slice(0, 200)}`;
    });
    return outcomes.filter((outcome) => outcome !== undefined);
  }

  #kinds() {
    const agent = this.#agent;
    const config = ['rtc-config', 200, (from) => agent.send('GET', 'rtc-config', { from })];
    const health = ['health', 200, (from) => agent.send('GET', 'health', { from })];
    const chat = ['chat', 200, (from) => agent.chat([{ role: 'user', text: 'Hello' }], { from })];
    const session = ['session', 200, (from) => agent.send('GET', `session/${this.#session}`, { from })];
    const token = ['token', 200, (from) => agent.send('POST', 'token', { from })];
    const unknown = ['nothing', 404, (from) => agent.send('GET', 'nothing', { from })];
    return [config, health, chat, session, token, config, health, chat, session, unknown];
  }
}
