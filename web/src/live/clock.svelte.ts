// One clock for the whole page, set by the server's: countdowns are right also where the viewer's clock is not.

class Clock {
  #ahead = 0;
  now = $state(Date.now());

  constructor() { setInterval(() => this.#tick(), 1000); }

  /** The server said that it is now `at`. */
  set(at: number): void {
    const ahead = at - Date.now();
    // Differences of a second are the way that the answer took.
    this.#ahead = Math.abs(ahead) < 1500 ? 0 : ahead;
    this.#tick();
  }

  #tick(): void { this.now = Date.now() + this.#ahead; }
}

export const clock = new Clock();
