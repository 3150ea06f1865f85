// Answers on a connection, and its end without one.

/**
 * Options of a server that never closes an idle connection. By default, Node.js does so after five seconds: on a
 * busy machine perhaps just when workerd sends the next request on it, which then fails.
 */
export const STAY_OPEN = { keepAliveTimeout: 0 };

/** Responses whose connection the stub has broken itself. */
const broken = new WeakSet();

/**
 * Sends an answer.
 *
 * @param {import('node:http').ServerResponse} response
 * @param {import('./endpoints.mjs').Reply} reply
 */
export function send(response, { status, headers = {}, body }) {
  const json = typeof body !== 'string';
  const type = json ? { 'Content-Type': 'application/json' } : {};
  response.writeHead(status, { ...type, ...headers }).end(json ? JSON.stringify(body) : body);
}

/** Breaks a connection before its answer is complete. What was written of it still arrives. */
export function breakOff(response) {
  broken.add(response);
  response.socket.destroySoon();
}

/** Returns true if the client has left before the answer was complete. */
export function clientHasLeft(response) {
  return !response.writableFinished && !broken.has(response);
}
