// What is known of one run, live or as it was at an event of its past. Views read `shown`; they do not care which it is.
import { get, trouble, type Trouble } from '../api/client';
import type { Activity, Placed, Run, TaskRow } from '../api/types';
import { instant } from '../lib/format';
import { aroundIn, readSelection } from '../lib/select';
import { clock } from './clock.svelte';
import { Picks } from './picks.svelte';
import { Resource } from './resource.svelte';
import { stream, type Link } from './stream';

export class Mission {
  readonly run: Resource<Run>;
  link = $state<Link>('connecting');
  /** The past that is shown, or null for now. */
  past = $state.raw<{ at: number; run: Run } | null>(null);
  pastProblem = $state.raw<Trouble | null>(null);
  /** What somebody has picked, to change it at once. */
  readonly picks = new Picks();
  /** Counts every event that arrived: what shows a log of them looks at it. */
  heard = $state(0);
  #activities = $state.raw<Map<string, Activity>>(new Map());
  #parts = new Map<string, { resource: Resource<unknown>; users: number }>();
  #close: () => void;
  #asked = 0;
  #over = false;

  constructor(readonly id: string) {
    this.run = new Resource<Run>(this.path(), (run) => {
      const now = instant(run.now);
      if (now !== null) clock.set(now);
    });
    // Made here, not where it is wanted: what is made within a derived value is not followed by it.
    this.#part('/graph');
    // The stream goes on from the event that the first answer knows.
    this.#close = () => undefined;
    void this.run.load().then(() => { if (!this.#over) this.#close = this.#listen(); });
  }

  path(rest = ''): string { return `/runs/${encodeURIComponent(this.id)}${rest}`; }

  /** The run as it is to be shown. */
  shown = $derived.by<Run | null>(() => this.past?.run ?? this.run.value);
  /** The time at which it is shown. */
  get now(): number {
    const past = this.past;
    return past ? (instant(past.run.now) ?? instant(past.run.last) ?? clock.now) : clock.now;
  }
  tasks = $derived.by<Map<string, TaskRow>>(() => new Map((this.shown?.tasks ?? []).map((task) => [task.path, task])));
  critical = $derived.by<Set<string>>(() => new Set(this.shown?.critical_path ?? []));

  activity(task: TaskRow): Activity | null {
    if (this.past) return null;
    const fresh = this.#activities.get(task.path);
    return task.state === 'running' ? (fresh ?? task.activity) : null;
  }

  /** A part of the run that a view wants, kept fresh while it is used: call it in an effect, and what it answers at its end. */
  use<T>(part: string): { resource: Resource<T>; release: () => void } {
    const kept = this.#part(part);
    kept.users += 1;
    kept.resource.touch();
    return {
      resource: kept.resource as Resource<T>,
      release: () => { kept.users -= 1; },
    };
  }

  /** A part that never changes: it is read once, however often it is wanted, and may be wanted before the run itself is there. */
  frozen<T>(part: string): Resource<T> {
    const { resource } = this.#part(part);
    resource.once();
    return resource as Resource<T>;
  }

  #part(part: string): { resource: Resource<unknown>; users: number } {
    const kept = this.#parts.get(part) ?? { resource: new Resource<unknown>(this.path(part), undefined, 600), users: 0 };
    this.#parts.set(part, kept);
    return kept;
  }

  /** What of the tasks fits to what somebody wrote; what needs what is read when that is asked for. Null until it is known. */
  chosen(text: string): { words: readonly string[]; around: ReadonlySet<string> | null } | null {
    const { words, around } = readSelection(text);
    if (around.length === 0) return { words, around: null };
    const graph = this.frozen<Placed>('/graph').value;
    return graph ? { words, around: aroundIn(around, graph) } : null;
  }

  /** Something may have changed. */
  touch(): void {
    this.run.touch();
    for (const part of this.#parts.values()) if (part.users > 0) part.resource.touch();
  }

  /** Shows the run as of an event, or as it is now. Only the last wish counts. */
  async show(at: number | null): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    if (at === null) {
      this.past = null;
      this.pastProblem = null;
      return;
    }
    try {
      const run = await get<Run>(this.path(`/state?at=${at}`));
      if (asked === this.#asked) { this.past = { at, run }; this.pastProblem = null; }
    } catch (thrown) {
      if (asked === this.#asked) this.pastProblem = trouble(thrown);
    }
  }

  close(): void {
    this.#over = true;
    this.#close();
    this.run.close();
    for (const part of this.#parts.values()) part.resource.close();
  }

  #listen(): () => void {
    let stop: (() => void) | undefined;
    const start = () => {
      stop = stream({
        url: `/api/v1${this.path('/events')}`,
        last: String(this.run.value?.seq ?? 0),
        link: (link) => {
          this.link = link;
          if (link === 'live') this.touch();
        },
        heard: (event) => {
          if (event.kind === 'activity') return this.#active(event.data);
          this.heard += 1;
          this.touch();
        },
      });
    };
    // A tab that nobody looks at holds no stream: browsers have only a few for each server.
    const visibility = () => {
      if (document.hidden) { stop?.(); stop = undefined; } else if (!stop) start();
    };
    document.addEventListener('visibilitychange', visibility);
    start();
    return () => {
      document.removeEventListener('visibilitychange', visibility);
      stop?.();
    };
  }

  #active(data: string): void {
    try {
      const value = JSON.parse(data) as Activity & { task?: string };
      if (typeof value.task === 'string') this.#activities = new Map(this.#activities).set(value.task, value);
    } catch { /* a side channel: what cannot be read is left out */ }
  }
}
