// The log of upstream requests, for tests.

/**
 * A request to the API.
 *
 * @typedef {object} Entry
 * @property {string} method
 * @property {string} path without the query
 * @property {string} query with its question mark, or empty
 * @property {object} headers with lower-case names
 * @property {unknown} body the fields of a form, the value of JSON, or text
 * @property {number | null} status of the answer, null until it begins
 * @property {boolean} aborted true once the client has left before the end of the answer
 */

/** All requests since the start or the last reset. */
export class RequestLog {
  /** @type {Entry[]} */
  entries = [];
  #changes;

  /** @param {import('./changes.mjs').Changes} changes */
  constructor(changes) {
    this.#changes = changes;
  }

  /**
   * Adds a request.
   *
   * @param {import('node:http').IncomingMessage} request
   * @param {URL} url
   * @param {unknown} body
   * @returns {Entry}
   */
  add(request, url, body) {
    const { method, headers } = request;
    const entry = { method, path: url.pathname, query: url.search, headers, body };
    this.entries.push(Object.assign(entry, { status: null, aborted: false }));
    this.#changes.announce();
    return entry;
  }

  /** Changes an entry and wakes those that wait for it. */
  update(entry, changed) {
    Object.assign(entry, changed);
    this.#changes.announce();
  }

  /** Forgets all requests. */
  clear() {
    this.entries = [];
  }

  /**
   * Returns the entries of a path once `count` of them exist.
   *
   * @param {object} wanted
   * @param {string} wanted.path in which `*` stands for any characters
   * @param {'any' | 'aborted'} wanted.kind
   * @param {number} wanted.count
   * @param {AbortSignal} signal
   * @returns {Promise<Entry[]>}
   */
  wait({ path, kind, count }, signal) {
    const pattern = new RegExp(`^${path.split('*').map(escape).join('.*')}$`);
    return this.#changes.until(() => {
      const found = this.entries.filter(
        (entry) => pattern.test(entry.path) && (kind === 'any' || entry.aborted),
      );
      return found.length >= count ? found : undefined;
    }, signal);
  }
}

/** Returns text with the special characters of regular expressions escaped. */
function escape(text) {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/**
 * Returns the body of a request as the log shows it: the fields of a form, in which JSON is parsed, the
 * value of JSON, or text.
 *
 * @param {string} type the content type
 * @param {Buffer} bytes
 */
export async function readBody(type, bytes) {
  if (type.startsWith('multipart/form-data')) {
    const response = new Response(bytes, { headers: { 'content-type': type } });
    // A body that is not a form is shown as text, and the endpoint misses its fields.
    const form = await response.formData().catch(() => null);
    if (!form) return bytes.toString();
    const fields = {};
    for (const [name, value] of form) {
      const text = typeof value === 'string' ? value : await value.text();
      fields[name] = name === 'session' ? jsonOrText(text) : text;
    }
    return fields;
  }
  const text = bytes.toString();
  return type.startsWith('application/json') ? jsonOrText(text) : text;
}

function jsonOrText(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
