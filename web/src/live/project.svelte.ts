// What is known of the project: who looks, its runs, what people are asked. Kept fresh by one stream.
import { get, Problem, send, trouble, type Trouble } from '../api/client';
import type { InboxEntry, RunRow, Runs, Session } from '../api/types';
import { announce } from './notice.svelte';
import { Resource } from './resource.svelte';
import { stream, type Link } from './stream';

export type Gate = 'asking' | 'open' | 'closed' | 'unreachable';

class Project {
  gate = $state<Gate>('asking');
  session = $state.raw<Session | null>(null);
  problem = $state.raw<Trouble | null>(null);
  link = $state<Link>('connecting');
  /** When the stream was lost, by this machine's clock. */
  lost = $state<number | null>(null);
  readonly inbox = new Resource<InboxEntry[]>('/inbox', () => announce(this.open));
  readonly runs = new Resource<Runs>('/runs?limit=200');
  #listeners = new Set<(run: string) => void>();
  /** How many show the list of runs: it is read for them alone, because it costs the server more than any other answer. */
  #lists = 0;
  #asked = 0;
  #close: (() => void) | undefined;

  get open(): InboxEntry[] { return (this.inbox.value ?? []).filter((one) => !one.taken); }

  get rows(): RunRow[] { return this.runs.value?.runs ?? []; }

  get mayWrite(): boolean { return this.session?.role === 'operator'; }

  /** Comes in: with the token of the printed link, or with what the browser was given before. */
  async enter(token: string | null): Promise<void> {
    try {
      if (token) await send('POST', '/session', { token });
      this.session = await get<Session>('/session');
      this.gate = 'open';
      this.problem = null;
      this.#listen();
    } catch (thrown) {
      this.problem = trouble(thrown);
      this.gate = thrown instanceof Problem && thrown.status === 0 ? 'unreachable' : 'closed';
    }
  }

  async leave(): Promise<void> {
    await send('DELETE', '/session').catch(() => undefined);
    this.#close?.();
    this.session = null;
    this.problem = null;
    this.gate = 'closed';
  }

  /** Keeps the list of runs fresh until what it answers is called: for an effect of who shows it. */
  list(): () => void {
    this.#lists += 1;
    this.runs.touch();
    return () => { this.#lists -= 1; };
  }

  #touchRuns(): void { if (this.#lists > 0) this.runs.touch(); }

  /** So many questions are open, as the server says by itself. What they are is read only if there are some. */
  #count(open: number): void {
    this.#asked = open;
    if (open > 0 || this.open.length > 0 || this.inbox.value === null) this.inbox.touch();
  }

  /** The name of the plan of a run: how a run stands does not say it, its row in the list does. Empty if the run is not there. */
  async planOf(run: string): Promise<string> {
    const known = this.rows.find((row) => row.id === run);
    return (known ?? (await get<Runs>(`/runs?search=${encodeURIComponent(run)}&limit=20`)).runs.find((row) => row.id === run))?.plan ?? '';
  }

  /** Told of every change of a run. */
  onRun(listener: (run: string) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  #listen(): void {
    this.#close?.();
    this.#touchRuns();
    this.#close = stream({
      url: '/api/v1/events',
      link: (link) => {
        if (link === 'live') {
          this.lost = null;
          // What happened while nobody listened. How many questions are open is the first thing that the stream tells.
          this.#touchRuns();
        } else if (link === 'refused') {
          this.gate = 'closed';
        } else {
          this.lost ??= Date.now();
          if (this.inbox.value === null) this.inbox.touch();
        }
        this.link = link;
      },
      heard: (event) => {
        if (event.kind === 'inbox') this.#count(opened(event.data));
        if (event.kind !== 'run') return;
        this.#touchRuns();
        if (this.#asked > 0) this.inbox.touch();
        const run = named(event.data);
        if (run) for (const listener of this.#listeners) listener(run);
      },
    });
  }
}

function opened(data: string): number {
  try { return Number((JSON.parse(data) as { open?: unknown }).open) || 0; } catch { return 1; /* then it is asked for */ }
}

function named(data: string): string | null {
  try {
    const value = JSON.parse(data) as { run?: unknown };
    return typeof value.run === 'string' ? value.run : null;
  } catch { return null; }
}

export const project = new Project();
