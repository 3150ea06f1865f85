/** A pool of connections: a bounded number of live ones, and an idle one is used again for the same purpose. */
import type { Clock } from './clock.ts';

/** What a pool needs to know about a connection. */
export interface Poolable {
  /** Whether it is of use: connected, or about to be. */
  readonly usable: boolean;
  close(): void;
}

/** How many connections a pool keeps, and for how long. */
export interface PoolLimits {
  /** The number of connections that are open at the same time, in use or idle. */
  live: number;
  /** How long an unused connection stays open. */
  idleMs: number;
}

/** Two calls and half an hour: an idle call still costs something, and ends with its session's budget anyway. */
export const usualLimits: PoolLimits = { live: 2, idleMs: 30 * 60_000 };

/** No connection can be had: as many as allowed are in use. */
export class PoolFullError extends Error {
  constructor(limit: number) {
    super(`${limit} connections are in use`);
    this.name = 'PoolFullError';
  }
}

interface Entry<C> {
  connection: C;
  purpose: string;
  /** When it was released, or `null` while it is in use. */
  idleSince: number | null;
}

export class ConnectionPool<C extends Poolable> {
  readonly #clock: Clock;
  readonly #limits: PoolLimits;
  #entries: Entry<C>[] = [];
  #cancelSweep: (() => void) | null = null;

  constructor(clock: Clock, limits: PoolLimits = usualLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** The number of connections that are open. */
  get size(): number {
    return this.#entries.length;
  }

  /**
   * Returns the idle connection of a purpose, or a new one.
   *
   * If the pool is full, the connection that has been idle for longest is closed. If none is idle,
   * a `PoolFullError` is thrown.
   */
  acquire(purpose: string, open: () => C): C {
    this.sweep();
    const idle = this.#entries.find((entry) => entry.purpose === purpose && entry.idleSince !== null);
    if (idle) {
      idle.idleSince = null;
      this.#schedule();
      return idle.connection;
    }
    if (this.#entries.length >= this.#limits.live) {
      const oldest = this.#idleEntries()[0];
      if (!oldest) throw new PoolFullError(this.#limits.live);
      this.#close(oldest);
    }
    const connection = open();
    this.#entries.push({ connection, purpose, idleSince: null });
    return connection;
  }

  /** Takes back a connection that stays open for the next use. */
  release(connection: C): void {
    const entry = this.#entries.find((each) => each.connection === connection);
    if (!entry) return;
    entry.idleSince = this.#clock.now();
    this.#schedule();
  }

  /** Forgets a connection and closes it. */
  discard(connection: C): void {
    const entry = this.#entries.find((each) => each.connection === connection);
    if (entry) this.#close(entry);
    else connection.close();
  }

  /** Closes connections that were unused for too long, and forgets those that ended by themselves. */
  sweep(): void {
    const limit = this.#clock.now() - this.#limits.idleMs;
    for (const entry of [...this.#entries]) {
      const expired = entry.idleSince !== null && entry.idleSince <= limit;
      if (expired || !entry.connection.usable) this.#close(entry);
    }
    this.#schedule();
  }

  closeAll(): void {
    for (const entry of [...this.#entries]) this.#close(entry);
    this.#schedule();
  }

  /** Closes all connections when the page goes away, also when it may come back from the browser's cache. */
  closeOnPageHide(target: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>): () => void {
    const close = () => this.closeAll();
    target.addEventListener('pagehide', close);
    return () => target.removeEventListener('pagehide', close);
  }

  /** The idle connections, longest first. */
  #idleEntries(): (Entry<C> & { idleSince: number })[] {
    const idle = this.#entries.filter((entry): entry is Entry<C> & { idleSince: number } => entry.idleSince !== null);
    return idle.sort((a, b) => a.idleSince - b.idleSince);
  }

  #close(entry: Entry<C>): void {
    this.#entries = this.#entries.filter((each) => each !== entry);
    entry.connection.close();
  }

  /** Wakes up when the next connection expires, and not at all while none is idle. */
  #schedule(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = null;
    const next = this.#idleEntries()[0];
    if (!next) return;
    const left = next.idleSince + this.#limits.idleMs - this.#clock.now();
    this.#cancelSweep = this.#clock.after(Math.max(0, left), () => this.sweep());
  }
}
