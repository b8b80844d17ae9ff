// Tasks of a run that somebody has picked, to do something with all of them at once. They stay picked from view to view.

export class Picks {
  all = $state.raw<ReadonlySet<string>>(new Set());
  /** Where the last pick was: from there to the next one with Shift is a range. */
  #last: string | null = null;

  get count(): number { return this.all.size; }
  has(path: string): boolean { return this.all.has(path); }

  toggle(path: string): void {
    const next = new Set(this.all);
    if (!next.delete(path)) next.add(path);
    this.#last = path;
    this.all = next;
  }

  /** All from the last pick to this one, in the order in which they are shown. */
  reach(path: string, shown: readonly string[]): void {
    const [from, to] = [this.#last === null ? -1 : shown.indexOf(this.#last), shown.indexOf(path)];
    if (from === -1 || to === -1) return this.toggle(path);
    this.set(shown.slice(Math.min(from, to), Math.max(from, to) + 1), this.all.has(this.#last ?? ''));
    this.#last = path;
  }

  set(paths: readonly string[], on: boolean): void {
    const next = new Set(this.all);
    for (const path of paths) if (on) next.add(path); else next.delete(path);
    this.all = next;
  }

  clear(): void {
    this.all = new Set();
    this.#last = null;
  }
}
