// The other runs of a run's plan, and what became of their tasks: for whoever compares them. Read while somebody looks, and again when one of
// them changes.
import { get, trouble, type Trouble } from '../api/client';
import type { RunRow, Runs, TaskRow, Tasks } from '../api/types';
import { project } from './project.svelte';
import { Resource } from './resource.svelte';

/** Of a plan with more tasks only those that failed are read. */
export const MANY = 2_000;
/** Rows of a page, the most that the server gives. */
const PAGE = 1_000;
/** Between two readings of the list, in milliseconds: it costs the server more than most. */
const PAUSE = 2_000;

interface Column { seq: number; tasks: ReadonlyMap<string, TaskRow> }

export class PlanHistory {
  /** Its name, as runs have it; null until it is known. */
  plan = $state<string | null>(null);
  problem = $state.raw<Trouble | null>(null);
  #list = $state.raw<Resource<Runs> | null>(null);
  #columns = $state.raw<ReadonlyMap<string, Column>>(new Map());
  #wanted: RunRow[] = [];
  #busy = false;
  #over = false;
  #stop: (() => void) | undefined;

  constructor(readonly run: string) { void this.open(); }

  /** All of that plan, the newest first. */
  get runs(): RunRow[] { return this.#list?.value?.runs ?? []; }
  get known(): boolean { return this.#list?.value != null; }
  get trouble(): Trouble | null { return this.problem ?? (this.known ? null : (this.#list?.problem ?? null)); }

  /** What became of the tasks of a run; null while it is not known. */
  tasks(run: string): ReadonlyMap<string, TaskRow> | null { return this.#columns.get(run)?.tasks ?? null; }

  async open(): Promise<void> {
    try {
      const plan = await project.planOf(this.run);
      if (this.#over) return;
      this.plan = plan;
      this.problem = null;
      const list = new Resource<Runs>(`/runs?plan=${encodeURIComponent(plan)}&limit=200`, undefined, PAUSE);
      this.#list = list;
      list.touch();
      this.#stop = project.onRun(() => list.touch());
    } catch (thrown) { this.problem = trouble(thrown); }
  }

  /** These columns are shown: what is not known of them, or has changed, is read, one run after the other. */
  want(rows: RunRow[]): void {
    this.#wanted = rows;
    if (!this.#busy) void this.#read();
  }

  async #read(): Promise<void> {
    this.#busy = true;
    try {
      for (;;) {
        const next = this.#wanted.find((row) => this.#columns.get(row.id)?.seq !== row.seq);
        if (!next || this.#over) break;
        const tasks = new Map<string, TaskRow>();
        const which = next.counts.total > MANY ? 'state=failed&' : '';
        for (let after = ''; ; ) {
          const page = await get<Tasks>(`/runs/${encodeURIComponent(next.id)}/tasks?${which}limit=${PAGE}${after}`);
          for (const task of page.tasks) tasks.set(task.path, task);
          if (page.next === null) break;
          after = `&after=${encodeURIComponent(page.next)}`;
        }
        this.#columns = new Map(this.#columns).set(next.id, { seq: next.seq, tasks });
      }
    } catch (thrown) { this.problem = trouble(thrown); }
    this.#busy = false;
  }

  close(): void {
    this.#over = true;
    this.#stop?.();
    this.#list?.close();
  }
}
