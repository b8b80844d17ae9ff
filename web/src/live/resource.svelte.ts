// One answer of the server that is kept fresh: asked for again when something happened, never more often than it is worth. A large
// answer takes longer, and is then asked for less often.
import { get, trouble, type Trouble } from '../api/client';

/** Between two readings, in milliseconds. */
const LONGEST = 4_000;

export class Resource<T> {
  value = $state.raw<T | null>(null);
  problem = $state.raw<Trouble | null>(null);
  /** When what is shown was read, by this machine's clock. */
  read = $state(0);
  #wanted = false;
  #busy = false;
  #free = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(readonly path: string, private readonly arrived?: (value: T) => void, private readonly pause = 300) {}

  /** Something happened: reads it soon. */
  touch(): void {
    if (this.#closed) return;
    this.#wanted = true;
    if (this.#busy || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => { this.#timer = undefined; void this.#read(); }, Math.max(0, this.#free - Date.now()));
  }

  /** Reads it unless it is there or on its way. */
  once(): void {
    if (this.value === null && !this.#busy && this.#timer === undefined) this.touch();
  }

  /** Reads it now and says when it is there. */
  async load(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#read();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #read(): Promise<void> {
    this.#wanted = false;
    this.#busy = true;
    const began = performance.now();
    try {
      const value = await get<T>(this.path);
      if (this.#closed) return;
      this.value = value;
      this.problem = null;
      this.read = Date.now();
      this.arrived?.(value);
    } catch (thrown) {
      if (!this.#closed) this.problem = trouble(thrown);
    } finally {
      this.#busy = false;
      // A large answer is read less often, but what happened is never shown more than a few seconds late.
      this.#free = Date.now() + Math.max(this.pause, Math.min(LONGEST, 6 * (performance.now() - began)));
      if (this.#wanted) this.touch();
    }
  }
}
