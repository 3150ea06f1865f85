// The control of the stub below /stub/, for tests: faults, turns, ends, and a view of all that happened.
// Options are JSON.
//
//     POST mode              {mode, path?, times?, delay_ms?, status?, sdp?}    see `modes.mjs`
//     POST chat              {chunks?, hold?, end?}                             see `responses.mjs`
//     POST models            {data?}                the models of `GET /v1/models`
//     POST reset             ends all calls and forgets everything
//     GET  log               all requests
//     GET  log?wait=PATH     its requests, once `count` of them exist (1), with `aborted=1` aborted ones;
//                            `*` in the path stands for any characters
//     GET  calls             all calls
//     GET  calls?wait=STATE  those in a state, once `count` of them exist (1), of one `id` if it is given;
//                            the states `sent` and `received` need the `type` of an event
//     POST calls/ID/say      {text, hold?, word_ms?, usage?}    see `Call.say`
//     POST calls/ID/finish   completes a held turn
//     POST calls/ID/hear     {text}                             a user turn, which interrupts the assistant
//     POST calls/ID/expire   the end after 60 minutes
//     POST calls/ID/drop     {how?}                             see `Call.drop`

import { standardModels } from './responses.mjs';

/** The states of a call that `GET /stub/calls?wait=` knows. */
const STATES = {
  open: (call) => call.open,
  ended: (call) => !call.open,
  channel: (call) => call.channel_open,
  sideband: (call) => call.sideband_open,
  'sideband-closed': (call) => !call.sideband_open,
  audio: (call) => call.packets_in > 0 && call.packets_out > 0,
  sent: (call, type) => call.sent.some((event) => event.type === type),
  received: (call, type) => call.received.some((event) => event.type === type),
};

/** An error of the control, which is not the API's. */
class ControlError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * Answers a request to the control.
 *
 * @param {import('./server.mjs').Stub} stub
 * @param {string} method
 * @param {URL} url
 * @param {object | string} body a string if the request has no body
 * @param {AbortSignal} signal aborted when the client leaves
 * @returns {Promise<import('./endpoints.mjs').Reply>}
 */
export async function control(stub, method, url, body, signal) {
  const options = typeof body === 'object' && body !== null ? body : {};
  try {
    const result = await command(stub, `${method} ${url.pathname}`, url.searchParams, options, signal);
    return { status: 200, body: result ?? { success: true } };
  } catch (error) {
    if (error instanceof ControlError) return { status: error.status, body: { error: error.message } };
    // Options out of their range, and commands that do not fit a call's state.
    if (error instanceof RangeError) return { status: 400, body: { error: error.message } };
    throw error;
  }
}

async function command(stub, name, query, options, signal) {
  switch (name) {
    case 'POST /stub/mode':
      return stub.mode.set(options);
    case 'POST /stub/reset':
      return stub.reset();
    case 'POST /stub/chat':
      return stub.chat.set(options);
    case 'POST /stub/models':
      stub.models = options.data ?? standardModels();
      return undefined;
    case 'GET /stub/log':
      return query.has('wait') ? waitForLog(stub, query, signal) : stub.log.entries;
    case 'GET /stub/calls':
      return query.has('wait') ? waitForCalls(stub, query, signal) : snapshots(stub);
    default:
      return callCommand(stub, name, options);
  }
}

/** Commands about one call. */
async function callCommand(stub, name, options) {
  const [, id, action] = /^POST \/stub\/calls\/([^/]+)\/([a-z]+)$/.exec(name) ?? [];
  if (!id) throw new ControlError(404, `the stub has no command ${name}`);
  const call = stub.calls.get(id);
  if (!call) throw new ControlError(404, `no call has the id ${id}`);
  switch (action) {
    case 'say':
      await call.say(text(options), options);
      break;
    case 'hear':
      call.hear(text(options));
      break;
    case 'finish':
      call.finish();
      break;
    case 'expire':
      await call.expire();
      break;
    case 'drop':
      if (!['silent', 'channel'].includes(options.how ?? 'silent')) {
        throw new ControlError(400, 'how is neither silent nor channel');
      }
      await call.drop(options.how ?? 'silent');
      break;
    default:
      throw new ControlError(404, `calls have no command ${action}`);
  }
  return call.snapshot();
}

function text({ text: words }) {
  if (typeof words !== 'string') throw new ControlError(400, 'text is missing');
  return words;
}

function waitForLog(stub, query, signal) {
  const kind = query.get('aborted') === '1' ? 'aborted' : 'any';
  return stub.log.wait({ path: query.get('wait'), kind, count: count(query) }, signal);
}

function waitForCalls(stub, query, signal) {
  const state = STATES[query.get('wait')];
  if (!state) throw new ControlError(400, `wait is not one of ${Object.keys(STATES).join(', ')}`);
  const [id, wanted] = [query.get('id'), count(query)];
  return stub.changes.until(() => {
    const found = snapshots(stub).filter(
      (call) => (id === null || call.id === id) && state(call, query.get('type')),
    );
    return found.length >= wanted ? found : undefined;
  }, signal);
}

function count(query) {
  return Number(query.get('count') ?? 1);
}

function snapshots(stub) {
  return [...stub.calls.values()].map((call) => call.snapshot());
}
