// A request whose body a test sends piece by piece, on a connection of its own.

import { once } from 'node:events';
import { request } from 'node:http';
import { Readable } from 'node:stream';

/** A request that is being sent. Its body is chunked, unless `Content-Length` is given. */
export class Upload {
  #request;
  #response;

  /**
   * Begins a request.
   *
   * @param {URL} url
   * @param {Record<string, string>} headers
   */
  constructor(url, headers) {
    this.#request = request(url, { method: 'POST', headers, agent: false });
    // The Worker may answer, and close the connection, before the body has ended.
    this.#request.on('error', () => {});
    this.#response = once(this.#request, 'response');
    this.#response.catch(() => {});
    this.#request.flushHeaders();
  }

  /** Sends a piece of the body. */
  send(piece) {
    this.#request.write(piece);
  }

  /** Ends the body. */
  end() {
    this.#request.end();
  }

  /** Leaves without ending the body. */
  leave() {
    this.#request.destroy();
  }

  /** Returns the response once its fields have come. Its content is as it was sent, compressed or not. */
  async response() {
    const [message] = await this.#response;
    const { statusCode: status, headers } = message;
    return new Response(Readable.toWeb(message), { status, headers });
  }
}

/** Reads a body until it has at least this many bytes, and returns them. */
export async function readBytes(reader, least) {
  const pieces = [];
  for (let length = 0; length < least; ) {
    const { value, done } = await reader.read();
    if (done) break;
    pieces.push(value);
    length += value.length;
  }
  return Buffer.concat(pieces);
}

/** Returns a body that is sent in pieces of these lengths, one after the other and again. */
export function inPieces(bytes, lengths) {
  let [at, turn] = [0, 0];
  return new ReadableStream({
    pull(controller) {
      const end = at + lengths[turn++ % lengths.length];
      controller.enqueue(bytes.subarray(at, end));
      at = end;
      if (at >= bytes.length) controller.close();
    },
  });
}
