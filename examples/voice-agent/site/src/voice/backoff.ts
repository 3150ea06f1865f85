/** How often a lost call is placed again, and how long to wait before each try. */
export interface Backoff {
  /** The number of tries. */
  tries: number;
  /** The longest wait before the first try; it doubles with each further one. */
  firstMs: number;
  /** The longest wait before any try. */
  ceilingMs: number;
}

export const reconnection: Backoff = { tries: 5, firstMs: 500, ceilingMs: 8000 };

/**
 * Returns the wait before a try, counted from 1, or `null` after the last one.
 *
 * Half of it is fixed and half is chance (“equal jitter”), so that clients that lost the same server
 * do not come back in the same instant, and none of them comes back at once.
 */
export function delayBefore(attempt: number, backoff: Backoff, random: () => number = Math.random): number | null {
  if (attempt < 1 || attempt > backoff.tries) return null;
  const longest = Math.min(backoff.ceilingMs, backoff.firstMs * 2 ** (attempt - 1));
  return Math.round(longest / 2 + (longest / 2) * random());
}
