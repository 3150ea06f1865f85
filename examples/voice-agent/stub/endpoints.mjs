// The endpoints of the API below /v1/. Each takes a request and returns the answer, or throws an `ApiError`.

import { missing, unauthorized, unknown } from './errors.mjs';
import { LiveCall, liveRequest } from './live.mjs';
import { RealtimeCall, clientSecret, realtimeSession } from './realtime.mjs';

/** The key that the stub accepts. */
export const KEY = 'sk-stub-0123456789';

/**
 * A request to the API.
 *
 * @typedef {object} ApiRequest
 * @property {URL} url
 * @property {unknown} body as in the log
 * @property {string} key from the `Authorization` field, or empty
 * @property {object | null} secret the secret of the browser that `key` is, if it is one
 * @property {import('./modes.mjs').RequestMode} mode
 * @property {string} id from the path, if it contains one
 * @property {import('node:http').ServerResponse} response for an endpoint that streams
 * @property {AbortSignal} signal aborted when the client leaves
 */

/**
 * The answer to a request.
 *
 * @typedef {object} Reply
 * @property {number} status
 * @property {object} [headers]
 * @property {string | object} body an object is sent as JSON
 */

/** The endpoints: method, path, and function of the stub and the request. */
const ENDPOINTS = [
  ['POST', /^\/v1\/realtime\/calls$/, createRealtimeCall],
  ['POST', /^\/v1\/realtime\/calls\/(?<id>[^/]+)\/hangup$/, hangup],
  ['POST', /^\/v1\/realtime\/client_secrets$/, createSecret],
  ['POST', /^\/v1\/live\/sessions$/, createLiveSession],
  ['POST', /^\/v1\/live\/sessions\/(?<id>[^/]+)\/hangup$/, hangup],
  ['POST', /^\/v1\/responses$/, respond],
  ['GET', /^\/v1\/models$/, (stub) => ({ status: 200, body: { object: 'list', data: stub.models } })],
];

/**
 * Answers a request. Returns nothing if the endpoint has streamed its answer.
 *
 * @param {import('./server.mjs').Stub} stub
 * @param {string} method
 * @param {ApiRequest} request
 * @returns {Promise<Reply | undefined>}
 */
export async function answer(stub, method, request) {
  const { pathname } = request.url;
  for (const [wanted, pattern, endpoint] of ENDPOINTS) {
    const match = method === wanted && pattern.exec(pathname);
    if (!match) continue;
    request.secret = authorize(stub, request.key, endpoint);
    return endpoint(stub, Object.assign(request, match.groups));
  }
  authorize(stub, request.key, null);
  throw unknown(`Invalid URL (${method} ${pathname})`);
}

/** Returns the call whose sideband a WebSocket wants to be. */
export function sidebandCall(stub, { url, key }) {
  authorize(stub, key, null);
  const live = /^\/v1\/live\/sessions\/([^/]+)\/attach$/.exec(url.pathname);
  if (live) return openCall(stub, live[1]);
  if (url.pathname !== '/v1/realtime') throw unknown(`Invalid URL (GET ${url.pathname})`);
  if (!url.searchParams.has('call_id')) throw missing('call_id');
  return openCall(stub, url.searchParams.get('call_id'));
}

/** Checks a key. A browser's secret opens one endpoint, and is returned. */
function authorize(stub, key, endpoint) {
  if (key === KEY) return null;
  const secret = stub.secrets.get(key);
  const valid = secret && secret.expires_at * 1_000 > Date.now();
  if (valid && endpoint === createRealtimeCall) return secret;
  throw unauthorized(key);
}

async function createRealtimeCall(stub, { url, body, secret, mode }) {
  const form = typeof body === 'object' ? body : { sdp: body };
  if (!form.sdp) throw missing('sdp');
  const session = form.session ?? secret?.configured ?? { type: 'realtime', model: model(url) };
  const call = stub.newCall(RealtimeCall, realtimeSession(session));
  const sdp = mode.description(await call.answer(form.sdp));
  stub.addCall(call);
  const headers = { 'Content-Type': 'application/sdp', Location: `/v1/realtime/calls/${call.id}` };
  return { status: 201, headers, body: sdp };
}

/** Returns the model from the query, which a request without a session needs. */
function model(url) {
  const name = url.searchParams.get('model');
  if (!name) throw missing('model');
  return name;
}

function createSecret(stub, { body }) {
  const { configured, ...secret } = clientSecret(body);
  stub.secrets.set(secret.value, { ...secret, configured });
  return { status: 200, body: secret };
}

async function createLiveSession(stub, { body, mode }) {
  const { session, offer } = liveRequest(body);
  const call = stub.newCall(LiveCall, session);
  const sdp = mode.description(await call.answer(offer));
  stub.addCall(call);
  return { status: 200, body: { session: { id: call.id }, transport: { type: 'webrtc', sdp } } };
}

async function hangup(stub, { id }) {
  await openCall(stub, id).hangup();
  return { status: 200, body: '' };
}

function respond(stub, { body, response, signal }) {
  return stub.chat.answer(body, response, signal);
}

function openCall(stub, id) {
  const call = stub.calls.get(id);
  if (!call?.open) throw unknown(`No open call with the id '${id}' exists.`);
  return call;
}
