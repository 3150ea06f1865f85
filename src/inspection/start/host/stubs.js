// Bindings that workerd alone does not have, in forms that do nothing. They have to exist before the code
// of the site is loaded, which may read them at once.

import * as runtime from 'cloudflare:workers';

const KINDS = {
  ratelimits: () => ({ limit: async () => ({ success: true }) }),
  analytics_engine_datasets: () => ({ writeDataPoint() {} }),
  queues: () => ({ async send() {}, async sendBatch() {} }),
};

export const STUBS = {};
const { WORKER_PACK_CHECK: names = '{}' } = runtime.env ?? {};
for (const [name, kind] of Object.entries(JSON.parse(names))) {
  STUBS[name] = KINDS[kind]();
  try {
    runtime.env[name] = STUBS[name];
  } catch {
    // The imported `env` is read-only. Handlers get the stubs all the same.
  }
}

/** The hosts that the code has asked since the request began. Nothing outside of the Worker answers. */
export const outside = new Set();
const fetchOutside = globalThis.fetch;
globalThis.fetch = (input, init) => {
  try {
    outside.add(new URL(typeof input === 'string' || input instanceof URL ? input : input.url).host);
  } catch {
    // Not a URL: `fetch` tells.
  }
  return fetchOutside(input, init);
};
