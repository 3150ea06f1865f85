// A voice service that answers everything at once, so that only the Worker is measured. Unlike the stub, it
// has no WebRTC peer.

import { once } from 'node:events';
import { createServer } from 'node:http';

import { WebSocketServer } from 'ws';

import { STAY_OPEN } from '../../stub/connection.mjs';

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** The answers, by the start of the path. */
const ANSWERS = [
  ['/v1/realtime/client_secrets', 200, JSON_TYPE, () => ({ value: 'ek_0', expires_at: 4e9, session: {} })],
  ['/v1/realtime/calls/', 200, {}, () => ''],
  [
    '/v1/realtime/calls',
    201,
    { 'Content-Type': 'application/sdp' },
    () => 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n',
  ],
  ['/v1/models', 200, JSON_TYPE, () => ({ data: [{ id: 'gpt-realtime-2.1' }, { id: 'gpt-6-luna' }] })],
  [
    '/v1/responses',
    200,
    { 'Content-Type': 'text/event-stream' },
    () => 'event: response.completed\ndata: {"type":"response.completed","response":{}}\n\n',
  ],
];

/** Starts the service on loopback. */
export async function startUpstream() {
  let calls = 0;
  const server = createServer(STAY_OPEN, (request, response) => {
    request.resume().on('end', () => {
      const [path, status, headers, content] = ANSWERS.find(([start]) => request.url.startsWith(start));
      const isCall = status === 201;
      if (isCall) calls += 1;
      const body = content();
      response.writeHead(status, { ...headers, ...(isCall ? { Location: `${path}/rtc_${calls}` } : {}) });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  const sidebands = new WebSocketServer({ server });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      sidebands.clients.forEach((client) => client.terminate());
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
