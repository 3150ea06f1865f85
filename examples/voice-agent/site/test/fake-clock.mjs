/** A clock that stands still until a test advances it. */
export class FakeClock {
  #now = 1_780_000_000_000;
  #timers = [];

  now() {
    return this.#now;
  }

  after(milliseconds, run) {
    const timer = { at: this.#now + milliseconds, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** The waits of all timers that are set, in order. */
  get waits() {
    return this.#timers.map(({ at }) => at - this.#now).sort((a, b) => a - b);
  }

  /** Runs all timers that become due, in their order, and lets promises settle after each. */
  async advance(milliseconds) {
    const end = this.#now + milliseconds;
    for (;;) {
      await settled();
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
    await settled();
  }
}

/** Waits until all promises that can settle without a timer have settled. */
export function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}
