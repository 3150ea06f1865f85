// Errors in the shape of the API: `{"error": {"message", "type", "code", "param"}}`.

/** An error that an endpoint answers with. */
export class ApiError extends Error {
  /**
   * @param {number} status of HTTP
   * @param {string} message
   * @param {{type?: string, code?: string | null, param?: string | null, headers?: object}} details
   */
  constructor(status, message, details = {}) {
    super(message);
    this.status = status;
    this.headers = details.headers ?? {};
    this.error = {
      message,
      type: details.type ?? 'invalid_request_error',
      code: details.code ?? null,
      param: details.param ?? null,
    };
  }

  /** Returns the answer with this error. */
  reply() {
    return { status: this.status, headers: this.headers, body: { error: this.error } };
  }
}

/** Returns the error for a parameter that is missing from a request. */
export function missing(param) {
  return new ApiError(400, `Missing required parameter: '${param}'.`, {
    code: 'missing_required_parameter',
    param,
  });
}

/** Returns the error for a parameter with a value that the API does not accept. */
export function invalid(param, message) {
  return new ApiError(400, message, { code: 'invalid_value', param });
}

/** Returns the error for an endpoint or object that does not exist. */
export function unknown(message) {
  return new ApiError(404, message, { code: 'not_found' });
}

/** Returns the error for a request without a valid key. */
export function unauthorized(key) {
  const message = key
    ? `Incorrect API key provided: ${key.slice(0, 3)}***.`
    : "You didn't provide an API key. Send it as `Authorization: Bearer YOUR_KEY`.";
  return new ApiError(401, message, { code: 'invalid_api_key' });
}

/**
 * Checks that `session` is an object with known keys only, as the API does.
 *
 * @param {unknown} session
 * @param {readonly string[]} known
 */
export function checkSession(session, known) {
  if (typeof session !== 'object' || session === null || Array.isArray(session)) {
    throw missing('session');
  }
  const stray = Object.keys(session).find((key) => !known.includes(key));
  if (stray) {
    throw new ApiError(400, `Unknown parameter: 'session.${stray}'.`, {
      code: 'unknown_parameter',
      param: `session.${stray}`,
    });
  }
}
