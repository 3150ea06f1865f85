// One address for two servers, so that a browser's cache outlives a redeploy.

import { connect, createServer } from 'node:net';

/** Passes connections on to a port of loopback, byte by byte. */
export class Front {
  #sockets = new Set();

  /** Listens on any free port, in front of another. */
  static async before(port) {
    const front = new Front();
    front.port = port;
    front.server = createServer((client) => front.#pass(client));
    await new Promise((resolve, reject) => {
      front.server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    // A name that browsers trust as they trust HTTPS: dictionaries need that.
    front.url = `http://localhost:${front.server.address().port}/`;
    return front;
  }

  /** Passes what follows on to another port. */
  turnTo(port) {
    this.port = port;
    for (const socket of this.#sockets) socket.destroy();
  }

  close() {
    this.turnTo(this.port);
    this.server.close();
  }

  #pass(client) {
    const server = connect(this.port, '127.0.0.1');
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ]) {
      this.#sockets.add(socket);
      socket.on('close', () => (this.#sockets.delete(socket), other.destroy()));
      // Browsers close connections that they no longer need as they like.
      socket.on('error', () => {});
      socket.pipe(other);
    }
  }
}
