// The HTTP server of the stub, on loopback: it reads and logs requests, applies faults, and passes them to
// the endpoints or the control.

import { once } from 'node:events';
import { ServerResponse, createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { WebSocketServer } from 'ws';

import { Conversation, Echo } from './agent.mjs';
import { Changes } from './changes.mjs';
import { STAY_OPEN, breakOff, clientHasLeft, send } from './connection.mjs';
import { control } from './control.mjs';
import { answer, sidebandCall } from './endpoints.mjs';
import { ApiError } from './errors.mjs';
import { RequestLog, readBody } from './log.mjs';
import { Mode } from './modes.mjs';
import { Chat, standardModels } from './responses.mjs';

const LOOPBACK = '127.0.0.1';

/** What speaks in the calls: an agent of its own, or the control's commands. */
const AGENTS = { conversation: Conversation, 'on-demand': Echo };

/** Browsers send offers with their own secret from another origin. */
const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, POST, OPTIONS',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type',
  'Access-Control-Expose-Headers': 'Location',
};

/** The state of a stub. */
class Stub {
  changes = new Changes();
  log = new RequestLog(this.changes);
  mode = new Mode();
  chat = new Chat();
  models = standardModels();
  /** Calls by their identifier, also those that have ended. @type {Map<string, import('./call.mjs').Call>} */
  calls = new Map();
  /** Secrets of browsers by their value. */
  secrets = new Map();
  #agent;

  constructor(Agent) {
    this.#agent = (call) => new Agent(call);
  }

  /** Makes a call of a class, which is added to the calls once its offer is accepted. */
  newCall(Class, session) {
    return new Class({ session, changes: this.changes, agent: this.#agent });
  }

  addCall(call) {
    this.calls.set(call.id, call);
    this.changes.announce();
  }

  /** Returns to the state of a new stub. */
  async reset() {
    this.log.clear();
    this.mode.reset();
    this.chat.reset();
    this.models = standardModels();
    this.secrets.clear();
    const calls = [...this.calls.values()];
    this.calls.clear();
    await Promise.all(calls.map((call) => call.discard()));
  }
}

/**
 * Starts a stub of the voice APIs on loopback.
 *
 * @param {object} [options]
 * @param {number} [options.port] 0, which is the default, for a free one
 * @param {'conversation' | 'on-demand'} [options.turns] `conversation`, which is the default: the assistant
 *   greets and answers; `on-demand`: it speaks by the control's commands only, and echoes at once
 * @returns {Promise<{url: string, close: () => Promise<void>}>} `url` without a slash at its end
 */
export async function startStub({ port = 0, turns = 'conversation' } = {}) {
  const stub = new Stub(AGENTS[turns]);
  const sidebands = new WebSocketServer({ noServer: true });
  const server = createServer(STAY_OPEN, (request, response) => serve(stub, request, response));
  server.on('upgrade', (request, socket, head) => upgrade(stub, sidebands, request, socket, head));
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(port, LOOPBACK);
  await once(server, 'listening');
  return {
    url: `http://${LOOPBACK}:${server.address().port}`,
    async close() {
      await stub.reset();
      server.close();
      // The server has forgotten those that asked for a WebSocket.
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

async function serve(stub, request, response) {
  const url = new URL(request.url, `http://${LOOPBACK}`);
  if (request.method === 'OPTIONS') return send(response, { status: 204, headers: CORS, body: '' });
  const leave = new AbortController();
  response.on('close', () => leave.abort());
  try {
    const body = await readBody(request.headers['content-type'] ?? '', await buffer(request));
    if (url.pathname.startsWith('/stub/')) {
      return send(response, await control(stub, request.method, url, body, leave.signal));
    }
    return await serveApi(stub, request, response, { url, body, signal: leave.signal });
  } catch (error) {
    // The client has left while a request was read or a condition was awaited.
    if (leave.signal.aborted) return undefined;
    return send(response, fault(error));
  }
}

/** Reports a fault of the stub itself, which a test should see as well as a person. */
function fault(error) {
  console.error(error);
  return { status: 500, body: { error: `the stub has a fault: ${error.stack}` } };
}

async function serveApi(stub, request, response, { url, body, signal }) {
  const mode = stub.mode.next(url.pathname);
  const entry = stub.log.add(request, url, body);
  response.on('close', () => {
    const status = response.headersSent ? response.statusCode : null;
    stub.log.update(entry, { status, aborted: clientHasLeft(response) });
  });
  const reply = await replyTo(mode, signal, () => {
    const key = bearer(request);
    return answer(stub, request.method, { url, body, key, mode, response, signal, secret: null, id: '' });
  });
  if (reply === 'break') breakOff(response);
  else if (reply) send(response, { ...reply, headers: { ...CORS, ...reply.headers } });
}

/** Returns the answer to a request in its mode: `break` is the end of the connection without one. */
async function replyTo(mode, signal, rightReply) {
  if (mode.breaks) return 'break';
  await mode.delay(signal);
  try {
    return mode.reply() ?? (await rightReply());
  } catch (error) {
    if (error instanceof ApiError) return error.reply();
    throw error;
  }
}

async function upgrade(stub, sidebands, request, socket, head) {
  const url = new URL(request.url, `http://${LOOPBACK}`);
  const leave = new AbortController();
  socket.on('close', () => leave.abort());
  // The other end may break the connection at any time; `close` follows.
  socket.on('error', () => {});
  const mode = stub.mode.next(url.pathname);
  const entry = stub.log.add(request, url, '');
  const reply = await replyTo(mode, leave.signal, () => {
    const call = sidebandCall(stub, { url, key: bearer(request) });
    sidebands.handleUpgrade(request, socket, head, (accepted) => call.attach(accepted));
    stub.log.update(entry, { status: 101 });
  }).catch((error) => {
    if (!leave.signal.aborted) return fault(error);
    stub.log.update(entry, { aborted: true });
    return 'break';
  });
  if (reply === 'break') socket.destroy();
  else if (reply) {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.on('finish', () => socket.end());
    stub.log.update(entry, { status: reply.status });
    send(response, reply);
  }
}

function bearer(request) {
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
}
