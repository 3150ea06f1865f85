// The first module of a Worker that `worker-pack check` starts: it tells why a reply is an error.

import { outside, STUBS } from './worker-pack-check/stubs.js';
import worker from './index.js';

export * from './index.js';

/** The field with the errors of a reply, as JSON of ASCII characters. */
const FIELD = 'x-worker-pack-check';
const MAX_ERRORS = 2;
const MAX_LENGTH = 1500;

const text = (value) => (value instanceof Error ? (value.stack ?? String(value)) : String(value));

const ascii = (json) =>
  json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

let errors = [];
const log = console.error;
console.error = (...values) => {
  errors.push(values.map(text).join(' '));
  log(...values);
};

/** Asks the Worker, and adds to a reply with an error what the code has logged. */
async function observed(request, env, context) {
  errors = [];
  outside.clear();
  let reply;
  try {
    reply = await worker.fetch(request, { ...env, ...STUBS }, context);
  } catch (error) {
    errors.unshift(text(error));
    reply = new Response(null, { status: 500 });
  }
  if (reply.status < 500) return reply;
  const told = {
    errors: errors.slice(0, MAX_ERRORS).map((error) => error.slice(0, MAX_LENGTH)),
    outside: [...outside],
  };
  return new Response(null, {
    status: reply.status,
    headers: { [FIELD]: ascii(JSON.stringify(told)) },
  });
}

// A class has to stay one. Its errors are not told.
export default typeof worker === 'function' ? worker : { ...worker, fetch: observed };
