/** Errors of the API (problem details, RFC 9457) and the sentences that people read instead. */

/** What the API says about an error. */
export interface Problem {
  /** The last part of `type`, which is also the id of a section on `/problems/`. */
  slug: string;
  status: number;
  /** The API's own explanation, which may be empty. */
  detail: string;
  /** The id of the request, which appears in the Worker's log. */
  instance: string;
  /** How long to wait before the next try, if the API says so. */
  retryAfterSeconds: number | null;
}

/** Why a request or a call did not work. */
export type Fault =
  /** The API answered with an error. */
  | { kind: 'problem'; problem: Problem }
  /** The API could not be reached. */
  | { kind: 'network' }
  /** The browser does not accept the answer of the voice service. */
  | { kind: 'answer' }
  /** No audio connection came about in time. */
  | { kind: 'silent' }
  /** The server ends every call at once: its operators have closed the voice room. */
  | { kind: 'closed' }
  /** The caller stopped it. */
  | { kind: 'aborted' };

/** A fault that is thrown. */
export class FaultError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(sentenceOf(fault));
    this.name = 'FaultError';
    this.fault = fault;
  }
}

/** Returns the fault behind anything that was thrown. */
export function faultOf(thrown: unknown): Fault {
  if (thrown instanceof FaultError) return thrown.fault;
  if (thrown instanceof DOMException && thrown.name === 'AbortError') return { kind: 'aborted' };
  return { kind: 'network' };
}

const sentences: Record<string, string> = {
  'bad-request': 'The server could not read what this page sent. Reload the page; if that does not help, it is our mistake.',
  unauthorized: 'The server wants a token that this page does not have.',
  'forbidden-origin': 'The voice room only works on its own site. Open it there, not inside another page.',
  'not-found': 'That rehearsal no longer exists. You can start a new one.',
  'method-not-allowed': 'The server does not support what this page asked for. Reload the page.',
  'not-acceptable': 'The server has no answer in a form that this browser accepts.',
  conflict: 'The same request is still being worked on. Wait a moment and try again.',
  'too-large': 'That is longer than the server accepts. Shorten it and send it again.',
  'unsupported-media-type': 'The server does not accept this kind of content. Reload the page.',
  unprocessable: 'The server understood the request but cannot use it. Check what you sent.',
  'too-many-requests': 'You have started many rehearsals in a short time.',
  'not-configured': 'The voice room is not set up on this server yet.',
  'upstream-refused': 'The voice service refused our key. We have to repair that; you cannot.',
  'upstream-failed': 'The voice service has a fault at the moment.',
  'upstream-exhausted': 'The voice service accepts no more calls for now.',
  'upstream-timeout': 'The voice service took too long to answer.',
  internal: 'Our server failed. It has written down why.',
};

/** The slugs that have a sentence of their own. */
export const knownSlugs = Object.keys(sentences);

/** Returns what to tell a person. */
export function sentenceOf(fault: Fault): string {
  switch (fault.kind) {
    case 'problem': {
      const { slug, status, retryAfterSeconds } = fault.problem;
      const sentence = sentences[slug] ?? `The server answered with status ${status}.`;
      if (retryAfterSeconds === null) return sentence;
      return `${sentence} Try again ${inWords(retryAfterSeconds)}.`;
    }
    case 'network':
      return 'The server cannot be reached. Check the network connection.';
    case 'answer':
      return 'The voice service sent an answer that this browser does not accept.';
    case 'silent':
      return 'No audio connection came about. A firewall or VPN may block WebRTC.';
    case 'closed':
      return 'The voice room accepts no calls at the moment.';
    case 'aborted':
      return 'Stopped.';
  }
}

const lastingSlugs = ['not-configured', 'upstream-refused', 'forbidden-origin', 'unauthorized'];

/** Returns `true` if only the people who run the site can remove the cause. */
export function isLasting(fault: Fault): boolean {
  return fault.kind === 'problem' && lastingSlugs.includes(fault.problem.slug);
}

/** Returns `true` if the same request may work a little later. */
export function mayPass(fault: Fault): boolean {
  if (fault.kind !== 'problem') return fault.kind !== 'aborted' && fault.kind !== 'closed';
  const { status } = fault.problem;
  return !isLasting(fault) && (status >= 500 || status === 429 || status === 408 || status === 409);
}

/** Reads an error response. A body that is not problem JSON still gives a problem. */
export async function problemOf(response: Response): Promise<Problem> {
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    // A proxy's HTML or an empty body: the status has to do.
  }
  const members = (body !== null && typeof body === 'object' ? body : {}) as Record<string, unknown>;
  const text = (name: string) => (typeof members[name] === 'string' ? members[name] : '');
  return {
    slug: text('type').split('#')[1] ?? '',
    status: response.status,
    detail: text('detail'),
    instance: text('instance') || (response.headers.get('X-Request-Id') ?? ''),
    retryAfterSeconds: retryAfter(response.headers.get('Retry-After')),
  };
}

/** Reads `Retry-After` (RFC 9110 §10.2.3) in seconds; a date is counted from `now`. */
export function retryAfter(field: string | null, now: number = Date.now()): number | null {
  if (field === null) return null;
  if (/^\d+$/.test(field.trim())) return Number(field);
  const date = Date.parse(field);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}

function inWords(seconds: number): string {
  if (seconds <= 1) return 'in a second';
  if (seconds < 90) return `in ${seconds} seconds`;
  return `in ${Math.ceil(seconds / 60)} minutes`;
}
