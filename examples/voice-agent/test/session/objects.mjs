// The Worker with a scripted voice service, and the ways of tests into its Durable Objects.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { startWorker } from '../../dev/worker.mjs';
import { Changes } from '../../stub/changes.mjs';
import { VoiceAgent, voiceAgent } from '../voice_agent.mjs';
import { GIVE_UP, Service } from './service.mjs';

const HOOKS = fileURLToPath(new URL('hooks.mjs', import.meta.url));

/** Time for which a call is kept after its end, in milliseconds. */
export const KEPT = 3_600_000;

/** A Worker whose calls and objects a test controls. */
export class SessionAgent extends VoiceAgent {
  /** The lines that the Worker has logged. */
  log = [];
  #changes = new Changes();

  /**
   * Starts the Worker and its voice service.
   *
   * @param {object} [options] those of `startWorker`, and:
   * @param {'realtime' | 'live'} [options.api]
   * @param {string} [options.readOnly] a namespace of KV that accepts no write
   */
  static async start({ api = 'realtime', readOnly, vars = {}, ...options } = {}) {
    const service = await Service.start(api);
    let agent;
    const worker = await startWorker({
      upstream: service.url,
      entry: HOOKS,
      vars: { VOICE_API: api, READ_ONLY: readOnly, ...vars },
      miniflare: { handleStructuredLogs: ({ message }) => agent?.#logged(message) },
      ...options,
    });
    return (agent = new SessionAgent(service, worker));
  }

  /** Ends both. A request that the voice service has not answered would wait for it. */
  async stop() {
    await Promise.all([this.worker.dispose(), this.service.close()]);
  }

  /** Sends a request, which is given up if it is not answered. */
  send(method, endpoint, init = {}) {
    return super.send(method, endpoint, { signal: AbortSignal.timeout(GIVE_UP), ...init });
  }

  /** The voice service. */
  get service() {
    return this.stub;
  }

  /** Opens a call by a script. Returns its name, and the call as the voice service sees it. */
  async begin(script = {}, init = {}) {
    this.service.script = script;
    const id = await this.open(init);
    return { id, call: this.service.calls.at(-1) };
  }

  /** Opens a call, and waits for its sideband. */
  async connect(script, init) {
    const begun = await this.begin(script, init);
    await this.service.until(() => begun.call.open.length === 1);
    return begun;
  }

  /** Ends a call as its page does. */
  hangUp(id, init) {
    return this.send('DELETE', `session/${id}`, init);
  }

  /** Rings the alarm of a call. */
  ring(id) {
    return this.#hook('VOICE_SESSIONS', id, 'ring');
  }

  /** Returns the time of a call's alarm, in milliseconds since the epoch. */
  alarm(id) {
    return this.#hook('VOICE_SESSIONS', id, 'time');
  }

  /** Waits until a state of a call is stored: `Open`, `Ending` or `Ended`. Returns what is stored with it. */
  stored(id, state) {
    return this.#hook('VOICE_SESSIONS', id, `stored?state=${state}`);
  }

  /** Returns what is stored of a call, or `null`. */
  record(id) {
    return this.#hook('VOICE_SESSIONS', id, 'record');
  }

  /** Makes a call older by some milliseconds. Its object reads that again. */
  async age(id, by) {
    await this.#hook('VOICE_SESSIONS', id, `age?by=${by}`);
    await this.evict(id);
  }

  /** Ends the object of a call, as a deployment does. */
  async evict(id) {
    await assert.rejects(this.#hook('VOICE_SESSIONS', id, 'evict'), /evicted by a test/);
  }

  /** Returns the number of writes of the object that counts the calls of a client. */
  writes(from) {
    return this.#hook('CLIENT_COUNTERS', `calls/${from}`, 'writes');
  }

  /** Waits for a line in the log with a text, and returns it. */
  line(text) {
    const signal = AbortSignal.timeout(GIVE_UP);
    return this.#changes.until(() => this.log.find((line) => line.includes(text)), signal);
  }

  #logged(line) {
    this.log.push(line);
    this.#changes.announce();
  }

  async #hook(binding, name, path) {
    const namespace = await this.worker.getDurableObjectNamespace(binding);
    const object = namespace.get(namespace.idFromName(name));
    const signal = AbortSignal.timeout(GIVE_UP);
    const response = await object.fetch(`http://hooks/${path}`, { signal });
    return response.json();
  }
}

/** Starts a Worker with its scripted voice service for the tests of a file. */
export function sessionAgent(options) {
  return voiceAgent(options, SessionAgent);
}

/** Returns a promise, and the function that keeps it. */
export function gate() {
  const { promise, resolve } = Promise.withResolvers();
  return [promise, resolve];
}
