// What ended runs cost, asked for one at a time and when somebody looks: lists of runs do not say it.
import { get } from '../api/client';
import type { Costs } from '../api/types';

class KnownCosts {
  #known = $state.raw<ReadonlyMap<string, number | null>>(new Map());
  #asked = new Set<string>();

  /** In US dollars; null while it is not known, or where nothing was counted. */
  of(run: string): number | null { return this.#known.get(run) ?? null; }

  ask(run: string): void {
    if (this.#asked.has(run)) return;
    this.#asked.add(run);
    get<Costs>(`/runs/${encodeURIComponent(run)}/costs`).then(
      (answer) => { this.#known = new Map(this.#known).set(run, answer.spent.cost_usd); },
      () => { this.#asked.delete(run); },
    );
  }
}

export const costs = new KnownCosts();
