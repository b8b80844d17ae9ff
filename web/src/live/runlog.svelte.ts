// One log over all tasks of a run: read from its end or from any line on, further in both directions when that is wanted, and followed while
// the end is there.
import { get, trouble, url, type Trouble } from '../api/client';
import type { RunLine, RunLogPage } from '../api/types';
import { flat, readId, trimmed, type Batch, type LogLine } from './batches';
import { stream } from './stream';

/** Lines of a page. */
const PAGE = 500;
/** Pages that are read at once for somebody who searches: of much output most pages may be empty. */
const PATIENCE = 20;
/** What arrives is shown this often, in milliseconds. */
const BEAT = 120;

export interface LogFilter { of: string; search: string; stream: string }

export class RunLog {
  batches = $state.raw<readonly Batch[]>([]);
  known = $state(false);
  problem = $state.raw<Trouble | null>(null);
  /** There is more before the first line that is here. */
  before = $state(false);
  /** The end is here, and what comes is followed. */
  live = $state(false);
  /** Nothing more will come. */
  over = $state(false);
  busy = $state(false);
  /** Whether what is far above may be forgotten: not while somebody reads there, whose lines would move. */
  mayForget: () => boolean = () => true;
  lines = $derived.by<LogLine[]>(() => flat(this.batches));
  #filter: LogFilter = { of: '', search: '', stream: '' };
  #first: string | null = null;
  #next = '';
  #opened = 0;
  #stop: (() => void) | undefined;
  #closed = false;
  #arrived: Batch[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `base` is the address of the log within the API. */
  constructor(private readonly base: string) {
    document.addEventListener('visibilitychange', this.#visibility);
  }

  /** Reads anew: around a line that is named, from the beginning, or the end, which is then followed. */
  async open(filter: LogFilter, at: { line: string } | 'end' | 'begin'): Promise<void> {
    this.#leave();
    this.#opened += 1;
    const opened = this.#opened;
    this.#filter = filter;
    const named = typeof at === 'object' ? readId(at.line) : null;
    [this.batches, this.known, this.problem, this.before, this.over, this.busy] = [[], false, null, false, false, true];
    try {
      const place: Record<string, string> = at === 'end' || (typeof at === 'object' && !named) ? { before: 'end' } : named?.start ? { after: named.start } : {};
      let page = await this.#page(place, named ? Math.max(PAGE, named.at + 100) : PAGE);
      if (opened !== this.#opened) return;
      const start = named ? named.start : page.prev;
      this.batches = [{ start, lines: page.lines }];
      // Who searches is not shown an empty page where lines stand further up.
      for (let tries = 0; at === 'end' && page.lines.length === 0 && page.prev !== null && tries < PATIENCE; tries += 1) {
        const earlier = await this.#page({ before: page.prev });
        if (opened !== this.#opened) return;
        this.batches = [{ start: earlier.prev, lines: earlier.lines }, ...this.batches];
        page = { ...earlier, next: page.next, end: page.end };
      }
      this.#first = page.prev;
      this.before = page.prev !== null;
      this.#next = page.next;
      this.over = page.end;
      this.known = true;
      if (at === 'end' && !page.end) this.#listen();
    } catch (thrown) {
      if (opened !== this.#opened) return;
      this.problem = trouble(thrown);
      this.known = true;
    }
    this.busy = false;
  }

  /** Reads what stands before the first line that is here; how many lines that are. */
  async back(): Promise<number> {
    if (this.busy || this.#first === null) return 0;
    return this.#more(async () => {
      let added = 0;
      for (let tries = 0; this.#first !== null && added === 0 && tries < PATIENCE; tries += 1) {
        const page = await this.#page({ before: this.#first });
        this.batches = [{ start: page.prev, lines: page.lines }, ...this.batches];
        this.#first = page.prev;
        this.before = page.prev !== null;
        added += page.lines.length;
      }
      return added;
    });
  }

  /** Reads on after the last line that is here, until the end is reached, which is then followed. */
  async on(): Promise<number> {
    if (this.busy || this.live || this.over || !this.known) return 0;
    return this.#more(async () => {
      let added = 0;
      for (let tries = 0; added === 0 && tries < PATIENCE; tries += 1) {
        const page = await this.#page({ after: this.#next });
        if (page.lines.length > 0) this.batches = [...this.batches, { start: this.#next, lines: page.lines }];
        added += page.lines.length;
        const isEnd = page.next === this.#next;
        this.#next = page.next;
        this.over = page.end;
        if (page.end) break;
        if (isEnd) { this.#listen(); break; }
      }
      return added;
    });
  }

  /** All of it from the beginning, in parts of text. */
  async whole(write: (line: RunLine) => string): Promise<string[]> {
    const parts: string[] = [];
    for (let after = ''; ; ) {
      const page = await this.#page(after ? { after } : {}, 5_000);
      parts.push(page.lines.map(write).join(''));
      if (page.end || page.next === after) return parts;
      after = page.next;
    }
  }

  close(): void {
    this.#closed = true;
    this.#opened += 1;
    this.#leave();
    document.removeEventListener('visibilitychange', this.#visibility);
  }

  async #more(read: () => Promise<number>): Promise<number> {
    const opened = this.#opened;
    this.busy = true;
    try {
      const added = await read();
      this.problem = null;
      return opened === this.#opened ? added : 0;
    } catch (thrown) {
      if (opened === this.#opened) this.problem = trouble(thrown);
      return 0;
    } finally { if (opened === this.#opened) this.busy = false; }
  }

  #query(place: Record<string, string>, limit: number): string {
    const { of, search, stream: streams } = this.#filter;
    return new URLSearchParams({ ...(of ? { task: of } : {}), ...(search ? { search } : {}), ...(streams ? { stream: streams } : {}), ...place, limit: String(limit) }).toString();
  }
  #page(place: Record<string, string>, limit = PAGE): Promise<RunLogPage> { return get<RunLogPage>(`${this.base}?${this.#query(place, limit)}`); }

  #listen(): void {
    if (this.#closed) return;
    this.live = true;
    if (document.hidden) return;
    this.#stop = stream({
      url: url(`${this.base}?${this.#query({ after: this.#next }, PAGE)}`),
      link: (link) => { if (link === 'over' || link === 'refused') this.#end(); },
      heard: (event) => {
        if (event.kind === 'end') return this.#end();
        if (event.kind !== 'lines') return;
        try { this.#arrived.push({ start: this.#next, lines: (JSON.parse(event.data) as { lines: RunLine[] }).lines }); } catch { return; }
        if (event.id !== null) this.#next = event.id;
        // Of a run that says much, not every line is drawn by itself.
        this.#timer ??= setTimeout(() => this.#take(), BEAT);
      },
    });
  }

  #take(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#arrived.length === 0) return;
    const all = [...this.batches, ...this.#arrived];
    this.#arrived = [];
    this.batches = this.mayForget() ? trimmed(all) : all;
    if (this.batches.length < all.length) {
      this.#first = this.batches[0]?.start ?? null;
      this.before = this.#first !== null;
    }
  }

  #end(): void {
    this.#take();
    this.over = true;
    this.#leave();
  }

  #leave(): void {
    this.#stop?.();
    this.#stop = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#arrived = [];
    this.live = false;
  }

  // A tab that nobody looks at holds no stream: browsers have only a few for each server.
  #visibility = (): void => {
    if (!this.live) return;
    this.#take();
    this.#stop?.();
    this.#stop = undefined;
    if (!document.hidden) this.#listen();
  };
}

