// Waiting for a state of the stub: tests ask for a condition instead of polling.

import { EventEmitter, once } from 'node:events';

/** Announcements of changes, which conditions are checked after. */
export class Changes {
  #emitter = new EventEmitter().setMaxListeners(0);

  /** Wakes all that wait. */
  announce() {
    this.#emitter.emit('change');
  }

  /**
   * Returns the first result of `condition` that is not undefined, at once or after a change.
   *
   * @template T
   * @param {() => T | undefined} condition
   * @param {AbortSignal} signal ends the wait with an `AbortError`
   * @returns {Promise<T>}
   */
  async until(condition, signal) {
    for (;;) {
      const found = condition();
      if (found !== undefined) return found;
      await once(this.#emitter, 'change', { signal });
    }
  }
}
