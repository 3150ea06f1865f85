/** The errors of the API, as `/problems/` explains them. Their slugs are the fragments of `type` (RFC 9457 §3.1.1). */
export interface ProblemKind {
  slug: string;
  status: number;
  title: string;
  /** When it happens. */
  cause: string;
  /** What a client, or the people who run the site, can do. */
  remedy: string;
}

export const problems: ProblemKind[] = [
  {
    slug: 'bad-request',
    status: 400,
    title: 'The request cannot be read',
    cause: 'The body, a query parameter or a header field does not have the form that the endpoint expects.',
    remedy: 'Read the detail: it names the part. The same request will fail again.',
  },
  {
    slug: 'unauthorized',
    status: 401,
    title: 'The token is missing or wrong',
    cause: 'The endpoint for metrics or for the cache was called without the bearer token, or with another one.',
    remedy: 'Send the token of the Worker’s secret METRICS_TOKEN in the field Authorization.',
  },
  {
    slug: 'forbidden-origin',
    status: 403,
    title: 'This site may not use the API',
    cause: 'The field Origin names a site that is neither this one nor on its list.',
    remedy: 'Call the API from the site itself, or have the origin added to ALLOWED_ORIGINS.',
  },
  {
    slug: 'not-found',
    status: 404,
    title: 'Nothing is here',
    cause: 'No endpoint has this path, the session is unknown or forgotten, or the endpoint belongs to the other voice API.',
    remedy: 'Check the path. A call whose session is forgotten can be placed again without “resume”.',
  },
  {
    slug: 'method-not-allowed',
    status: 405,
    title: 'The method is not supported here',
    cause: 'The path exists, but not for this method.',
    remedy: 'The field Allow lists the methods that work.',
  },
  {
    slug: 'not-acceptable',
    status: 406,
    title: 'No acceptable response exists',
    cause: 'The field Accept excludes every form that the endpoint can answer in.',
    remedy: 'Accept the media type of the endpoint, or leave the field out.',
  },
  {
    slug: 'conflict',
    status: 409,
    title: 'The request does not fit the state of the call',
    cause: 'A request with the same Idempotency-Key has not been answered yet, or its call has ended.',
    remedy: 'While it is in progress, wait a moment and send it again with the same key. After the end, use a new key.',
  },
  {
    slug: 'too-large',
    status: 413,
    title: 'The request is too large',
    cause: 'The body is longer than the endpoint reads: 64 KB for an offer, 32 KB or 40 messages for a chat.',
    remedy: 'Send less. For a chat, leave out the oldest messages.',
  },
  {
    slug: 'unsupported-media-type',
    status: 415,
    title: 'The media type is not supported',
    cause: 'The field Content-Type is missing, or names a type that the endpoint does not read.',
    remedy: 'Offers are application/sdp, chats application/json, recordings audio/wav or audio/pcm.',
  },
  {
    slug: 'unprocessable',
    status: 422,
    title: 'The content cannot be processed',
    cause: 'The body has the right form, but its content makes no sense: a recording at another sample rate, or a chat that does not end with the user.',
    remedy: 'Read the detail and correct the content.',
  },
  {
    slug: 'too-many-requests',
    status: 429,
    title: 'Too many requests',
    cause: 'One client has placed more than ten calls within a minute.',
    remedy: 'Wait for as many seconds as the field Retry-After says.',
  },
  {
    slug: 'internal',
    status: 500,
    title: 'The Worker failed',
    cause: 'A mistake in the Worker, or a fault of the storage behind it.',
    remedy: 'Tell us the instance: the log has the reason under it.',
  },
  {
    slug: 'upstream-refused',
    status: 502,
    title: 'The voice service refused the Worker',
    cause: 'The key is wrong or has no right to the model, or the account has no credit left.',
    remedy: 'The people who run the site have to act. Trying again does not help.',
  },
  {
    slug: 'upstream-failed',
    status: 502,
    title: 'The voice service failed',
    cause: 'The voice service cannot be reached, or answered with an error or with something that is not an answer.',
    remedy: 'Try again after a few seconds, and wait longer each time.',
  },
  {
    slug: 'not-configured',
    status: 503,
    title: 'The Worker is not configured for this',
    cause: 'A key, a token, a model or a binding that the endpoint needs is missing.',
    remedy: 'The people who run the site have to add it: the endpoint for health names the part.',
  },
  {
    slug: 'upstream-exhausted',
    status: 503,
    title: 'The voice service accepts no more calls for now',
    cause: 'The account of the site has reached a limit of the voice service.',
    remedy: 'Wait for as many seconds as the field Retry-After says, or a minute without it.',
  },
  {
    slug: 'upstream-timeout',
    status: 504,
    title: 'The voice service is too slow',
    cause: 'The voice service did not answer within the time that the Worker waits.',
    remedy: 'Try again with the same Idempotency-Key.',
  },
];
