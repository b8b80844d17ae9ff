// From the raw log to rows that can be read and searched. Pure.
import type { Event, TaskRow } from '../../api/types';

export interface Row { seq: number; at: number; kind: string; brief: string; search: string; body: unknown }

export function reading(events: Event[], tasks: Map<string, TaskRow>): Row[] {
  const paths = new Map([...tasks.values()].map((task) => [task.id, task.path]));
  return events.map((one) => {
    const brief = briefly(one.event, paths);
    return { seq: one.seq, at: one.at, kind: one.event.type, brief, search: `${one.event.type} ${brief} ${JSON.stringify(one.event)}`.toLowerCase(), body: one };
  });
}

/** The parts of an event that fit into a line; large ones are for the detail. */
function briefly(body: Record<string, unknown>, paths: Map<number, string>): string {
  const words: string[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (name === 'type' || value === null || value === undefined) continue;
    const path = name === 'task' && typeof value === 'number' ? paths.get(value) : undefined;
    if (path !== undefined) words.push(path);
    else if (typeof value === 'object') words.push(attempt(value, paths) ?? `${name}=${JSON.stringify(value).slice(0, 160)}`);
    else words.push(`${name}=${String(value).slice(0, 160)}`);
  }
  return words.join(' ');
}

/** `path, try 2` of what names an attempt. */
function attempt(value: object, paths: Map<number, string>): string | null {
  const { task, number } = value as { task?: unknown; number?: unknown };
  const path = typeof task === 'number' ? paths.get(task) : undefined;
  return path === undefined ? null : typeof number === 'number' ? `${path}, try ${number}` : path;
}
