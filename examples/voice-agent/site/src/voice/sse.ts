/** A parser of server-sent events (HTML §9.2), for responses to POST, which `EventSource` cannot make. */

/** An event of a stream. */
export interface ServerSentEvent {
  /** The field `event`, `message` if there is none. */
  type: string;
  /** The lines of the field `data`, joined by line feeds. */
  data: string;
}

/** Reads text in pieces of any size and returns events as soon as they are complete. */
export class EventStreamParser {
  #rest = '';
  #afterReturn = false;
  #begun = false;
  #type = '';
  #data: string[] = [];

  push(text: string): ServerSentEvent[] {
    if (text === '') return [];
    let input = text;
    if (!this.#begun) {
      this.#begun = true;
      if (input.startsWith('\uFEFF')) input = input.slice(1);
    }
    // A CRLF may be cut in two: its CR has already ended the line.
    if (this.#afterReturn && input.startsWith('\n')) input = input.slice(1);
    this.#afterReturn = text.endsWith('\r');
    const lines = (this.#rest + input).split(/\r\n|\r|\n/);
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): ServerSentEvent[] {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#type = value;
    // Comments, `id` and `retry` matter only to a client that reconnects.
    return [];
  }

  #dispatch(): ServerSentEvent[] {
    const event = { type: this.#type || 'message', data: this.#data.join('\n') };
    const empty = this.#data.length === 0;
    this.#type = '';
    this.#data = [];
    return empty ? [] : [event];
  }
}

/** Reads a response body to its end or until the signal aborts. What is incomplete at the end is dropped, as HTML says. */
export async function* readEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const parser = new EventStreamParser();
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Whoever stops reading also stops the server.
    await reader.cancel().catch(() => undefined);
  }
}
