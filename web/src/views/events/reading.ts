// From the raw log to rows that can be read and searched. Pure.
import type { Event, Run, TaskRow } from '../../api/types';
import { toTheSecond } from '../../lib/format';
import { who } from '../decisions/words';

export type Feel = 'failed' | 'asks' | 'done' | 'plain';
export interface Row { seq: number; at: number; kind: string; brief: string; feel: Feel; body: Event }

/** A node that is no task: the end of a group, or a milestone. */
type Point = Run['points'][number];

export function reading(events: Event[], tasks: Map<string, TaskRow>, points: readonly Point[] = []): Row[] {
  const paths = pathsOf(tasks, points);
  return events.map((one) => ({ seq: one.seq, at: one.at, kind: one.event.type, brief: briefly(one.event, paths), feel: feel(one.event.type), body: one }));
}

/** Whether all of these words, in lower case, are somewhere in an event. Made when it is asked for: nobody searches most logs. */
export function has(row: Row, words: readonly string[]): boolean {
  let text = texts.get(row);
  if (text === undefined) {
    text = `${row.kind} ${row.brief} ${JSON.stringify(row.body.event)}`.toLowerCase();
    texts.set(row, text);
  }
  const all = text;
  return words.every((word) => all.includes(word));
}
const texts = new WeakMap<Row, string>();

/** What is worth an eye in a long list. */
const feel = (kind: string): Feel =>
  /failed|refused|lost|over_budget/.test(kind) ? 'failed' : /^decision|paused|blocked|question|check_in/.test(kind) ? 'asks' : /^(task|run)_(completed|succeeded|accepted)|^milestone_reached/.test(kind) ? 'done' : 'plain';

/** Of ten thousand tasks this is not made for every page of a log. */
const known = new WeakMap<Map<string, TaskRow>, Map<number, string>>();
function pathsOf(tasks: Map<string, TaskRow>, points: readonly Point[]): Map<number, string> {
  const made = known.get(tasks) ?? new Map([...tasks.values(), ...points].map((one) => [one.id, one.path]));
  known.set(tasks, made);
  return made;
}

/** Points in time, in milliseconds since 1970. */
const TIMES = new Set(['at', 'until', 'deadline', 'from', 'to']);

/** What says nothing in a line: it is in the detail. */
const LEFT_OUT = new Set(['usage', 'report']);

/** The parts of an event that fit into a line; large ones are for the detail. */
function briefly(body: Record<string, unknown>, paths: Map<number, string>): string {
  const words: string[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (name === 'type' || value === null || value === undefined) continue;
    const path = name === 'task' && typeof value === 'number' ? paths.get(value) : undefined;
    if (path !== undefined) words.push(path);
    else if (name === 'by') words.push(`by ${who(value)}`);
    else if (TIMES.has(name) && typeof value === 'number') words.push(`${name} ${toTheSecond(value)}`);
    else if (typeof value === 'object') words.push(attempt(value, paths) ?? ended(name, value) ?? cause(value, paths) ?? (LEFT_OUT.has(name) ? '' : `${name}=${JSON.stringify(value).slice(0, 160)}`));
    else words.push(`${name}=${String(value).slice(0, 160)}`);
  }
  return words.filter(Boolean).join(' ');
}

/** `path, try 2` of what names an attempt. */
function attempt(value: object, paths: Map<number, string>): string | null {
  const { task, number } = value as { task?: unknown; number?: unknown };
  const path = typeof task === 'number' ? paths.get(task) : undefined;
  return path === undefined ? null : typeof number === 'number' ? `${path}, try ${number}` : path;
}

/** `upstream: path` of why a task was left out. */
function cause(value: object, paths: Map<number, string>): string | null {
  const { why, need } = value as { why?: unknown; need?: unknown };
  const path = typeof need === 'number' ? paths.get(need) : undefined;
  return typeof why !== 'string' ? null : path === undefined ? why : `${why}: ${path}`;
}

/** How a process ended, of a report about it. */
function ended(name: string, value: object): string | null {
  const { exit } = value as { exit?: { how?: unknown; code?: unknown } };
  return name === 'report' && exit && exit.how === 'code' && typeof exit.code === 'number' ? `exit code ${exit.code}` : null;
}
