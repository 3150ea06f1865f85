// A voice service whose every answer a test decides. It carries no audio: `stub/` does that.

import { once } from 'node:events';
import { createServer } from 'node:http';

import { WebSocketServer } from 'ws';

import { Changes } from '../../stub/changes.mjs';
import { STAY_OPEN } from '../../stub/connection.mjs';

/** Time after which a wait is given up, in milliseconds: a test that waits in vain fails. */
export const GIVE_UP = 600_000;

/** The answer to every offer. */
const ANSWER = ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=-', 't=0 0', ''].join('\r\n');

/**
 * What a call does, unless its test decides otherwise.
 *
 * @typedef {object} Script
 * @property {(response: import('node:http').ServerResponse) => number | undefined} offer answers the offer
 *   with a status, or itself
 * @property {(number: number) => number | 'accept' | 'close' | Promise<number | 'accept' | 'close'>} sideband
 *   answers a request for the sideband, by its number: with a status, or with a WebSocket, which may close
 *   at once
 * @property {(number: number, response?: import('node:http').ServerResponse) => number | undefined
 *   | Promise<number | undefined>} hangUp answers a request to end the call, by its number: with a status,
 *   or itself. Live sends `session.closed` for 200, and nothing otherwise
 */
const SCRIPT = { offer: () => 201, sideband: () => 'accept', hangUp: () => 200 };

/** A call, as the voice service sees it. */
class Call {
  /** Number of requests for the sideband. */
  attempts = 0;
  /** The connections on which these have arrived. */
  connections = [];
  /** The sidebands that were accepted. */
  sidebands = [];
  /** Number of requests to end the call. */
  hangUps = 0;

  constructor(id, script) {
    this.id = id;
    this.script = script;
  }

  /** The sidebands that are open. */
  get open() {
    return this.sidebands.filter((socket) => socket.readyState === socket.OPEN);
  }

  /** Sends events on all sidebands. */
  emit(...events) {
    for (const socket of this.open) {
      for (const event of events) socket.send(JSON.stringify(event));
    }
  }

  /** Sends events, and waits until the Worker has read them: it answers a ping after what came before. */
  async tell(...events) {
    this.emit(...events);
    const signal = AbortSignal.timeout(GIVE_UP);
    const pongs = this.open.map((socket) => once(socket, 'pong', { signal }));
    for (const socket of this.open) socket.ping();
    await Promise.all(pongs);
  }
}

/** The voice service, on a free port of loopback. */
export class Service {
  /** All requests but those for sidebands. */
  requests = [];
  /** The calls whose offers have arrived. */
  calls = [];
  /** What the next calls do, where it differs from {@link SCRIPT}. */
  script = {};
  #changes = new Changes();
  #sockets = new WebSocketServer({ noServer: true });
  #server = createServer(STAY_OPEN, (request, response) => this.#answer(request, response));

  /** Starts a service with one of the two APIs. */
  static async start(api) {
    const service = new Service(api);
    service.#server.on('upgrade', (...upgrade) => service.#upgrade(...upgrade));
    service.#server.listen(0, '127.0.0.1');
    await once(service.#server, 'listening');
    service.url = `http://127.0.0.1:${service.#server.address().port}`;
    return service;
  }

  constructor(api) {
    this.api = api;
  }

  /** Closes all connections. */
  async close() {
    for (const call of this.calls) for (const connection of call.connections) connection.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Waits for a condition, which changes with what arrives and what closes. */
  async until(condition) {
    const signal = AbortSignal.timeout(GIVE_UP);
    await this.#changes.until(() => condition() || undefined, signal);
  }

  #call(url) {
    const [id] = /(rtc|live)_\d+/.exec(url) ?? [];
    return this.calls.find((call) => call.id === id);
  }

  async #answer(request, response) {
    let body = '';
    for await (const chunk of request) body += chunk;
    this.requests.push({ method: request.method, path: request.url, body });
    response.on('close', () => this.#changes.announce());
    const call = this.#call(request.url);
    if (/\/(calls|sessions)$/.test(request.url)) {
      this.#open(response);
    } else if (request.url.endsWith('/hangup')) {
      call.hangUps += 1;
      this.#changes.announce();
      respond(response, await call.script.hangUp(call.hangUps, response), {});
    } else if (request.url.endsWith('/client_secrets')) {
      respond(response, 200, { value: 'ek_scripted', expires_at: Math.ceil(Date.now() / 1000) + 60 });
    } else {
      respond(response, 404);
    }
    this.#changes.announce();
  }

  #open(response) {
    const isLive = this.api === 'live';
    const call = new Call(`${isLive ? 'live' : 'rtc'}_${this.calls.length + 1}`, { ...SCRIPT, ...this.script });
    this.calls.push(call);
    if (!isLive) response.setHeader('Location', `/v1/realtime/calls/${call.id}`);
    const status = call.script.offer(response);
    const opened = { session: { id: call.id }, transport: { type: 'webrtc', sdp: ANSWER } };
    respond(response, isLive && status === 201 ? 200 : status, isLive ? opened : ANSWER);
  }

  async #upgrade(request, connection, head) {
    const call = this.#call(request.url);
    const number = (call.attempts += 1);
    call.connections.push(connection);
    connection.on('error', () => {});
    connection.on('close', () => this.#changes.announce());
    this.#changes.announce();
    const decision = await call.script.sideband(number);
    if (typeof decision === 'number') {
      connection.end(`HTTP/1.1 ${decision} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, connection, head, (socket) => {
      call.sidebands.push(socket);
      socket.on('message', (message) => this.#read(call, JSON.parse(message)));
      socket.on('close', () => this.#changes.announce());
      if (decision === 'close') socket.close(1000);
      this.#changes.announce();
    });
  }

  /** Reads an event of the Worker, which only Live has. */
  async #read(call, event) {
    if (event.type !== 'session.close') return;
    call.hangUps += 1;
    this.#changes.announce();
    const status = await call.script.hangUp(call.hangUps);
    if (status !== 200) return;
    call.emit({ type: 'session.closed', reason: 'close_requested', usage: { seconds: 1 } });
    for (const socket of call.open) socket.close(1000);
  }
}

/** Responds with a status, and with content if that is a success, unless it has been done. */
function respond(response, status, content) {
  if (status === undefined) return;
  const isText = typeof content === 'string';
  const failure = { error: { message: 'The test decided so.', type: 'scripted', code: null } };
  response.writeHead(status, { 'Content-Type': isText && status < 300 ? 'application/sdp' : 'application/json' });
  response.end(isText && status < 300 ? content : JSON.stringify(status < 300 ? content : failure));
}
