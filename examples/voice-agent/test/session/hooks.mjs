// The Worker with hooks on its Durable Objects and its KV. This module runs in workerd, in front of those
// of the build.

import worker, * as exported from './worker-pack.js';

export * from './worker-pack.js';

/** Puts hooks in front of a class of Durable Objects. They are the paths of `http://hooks/`. */
const hooked = (Class) =>
  class {
    #waiting = [];
    #writes = 0;

    constructor(context, env) {
      this.context = context;
      this.storage = context.storage;
      for (const name of ['put', 'setAlarm']) this.#watch(name);
      this.object = new Class(context, env);
    }

    async fetch(request) {
      const { host, pathname, searchParams } = new URL(request.url);
      if (host !== 'hooks') return this.object.fetch(request);
      return Response.json((await this[pathname.slice(1)](searchParams)) ?? null);
    }

    alarm() {
      return this.object.alarm();
    }

    /** Rings the alarm, and leaves its time as it is. */
    async ring() {
      await this.object.alarm();
    }

    /** Returns the time of the alarm. */
    time() {
      return this.storage.getAlarm();
    }

    /** Returns what is stored of a call. */
    async record() {
      return JSON.parse((await this.storage.get('record')) ?? 'null');
    }

    /** Waits until a state is stored, and returns what is stored with it. */
    async stored(query) {
      for (;;) {
        const record = await this.record();
        const state = typeof record?.state === 'string' ? record.state : Object.keys(record?.state ?? {})[0];
        if (state === query.get('state')) return record;
        await new Promise((resolve) => this.#waiting.push(resolve));
      }
    }

    /** Makes a call older by some milliseconds, for an object that reads it after an eviction. */
    async age(query) {
      const record = await this.record();
      for (const name of ['opened_at', 'ends_at', 'ended_at']) {
        if (record[name] !== null) record[name] -= Number(query.get('by'));
      }
      await this.storage.put('record', JSON.stringify(record));
    }

    /** Returns the number of writes so far. */
    writes() {
      return this.#writes;
    }

    /** Ends the object. The next request makes it again, from its storage. */
    evict() {
      this.context.abort('evicted by a test');
    }

    #watch(name) {
      const write = this.storage[name];
      this.storage[name] = async (...parameters) => {
        this.#writes += 1;
        const result = await write.apply(this.storage, parameters);
        for (const resolve of this.#waiting.splice(0)) resolve();
        return result;
      };
    }
  };

export const VoiceSession = hooked(exported.VoiceSession);
export const ClientCounter = hooked(exported.ClientCounter);
export const Meter = hooked(exported.Meter);

/** A namespace of KV that accepts no write, as after a write to the same key in the same second. */
const readOnly = (namespace) =>
  new Proxy(namespace, {
    get(target, name) {
      if (name === 'put') return () => Promise.reject(new Error('KV PUT failed: 429 Too Many Requests'));
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

export default {
  ...worker,
  fetch(request, env, context) {
    const { READ_ONLY: name } = env;
    return worker.fetch(request, name === undefined ? env : { ...env, [name]: readOnly(env[name]) }, context);
  },
};
