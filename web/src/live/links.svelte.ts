// What needs what, of single tasks that somebody looks at. The plan of a run is frozen: each is asked for once.
import { get } from '../api/client';
import type { Task } from '../api/types';

export interface Links { needs: readonly string[]; neededBy: readonly string[] }

export class KnownLinks {
  #known = $state.raw<ReadonlyMap<string, Links>>(new Map());
  #asked = new Set<string>();

  /** `path` makes the address of a part of the run. */
  constructor(private readonly path: (rest: string) => string) {}

  of(task: string): Links | null { return this.#known.get(task) ?? null; }

  ask(task: string): void {
    if (this.#asked.has(task)) return;
    this.#asked.add(task);
    get<Task>(this.path(`/tasks/${encodeURIComponent(task)}`)).then(
      (answer) => { this.#known = new Map(this.#known).set(task, { needs: answer.needs, neededBy: answer.needed_by }); },
      () => { this.#asked.delete(task); },
    );
  }
}
