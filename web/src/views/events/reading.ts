// From the raw log to rows that can be read and searched. Pure.
import type { TaskRow } from '../../api/types';
import { instant } from '../../lib/format';

export interface Row { seq: number; at: number | null; kind: string; brief: string; search: string; body: unknown }
interface Raw { seq: number; at?: string | number; type?: string; kind?: string; event?: Record<string, unknown> | string }

export function reading(answer: unknown, tasks: Map<string, TaskRow>): Row[] {
  const all = Array.isArray(answer) ? answer : ((answer as { items?: unknown[]; events?: unknown[] })?.items ?? (answer as { events?: unknown[] })?.events ?? []);
  const paths = [...tasks.keys()];
  return (all as Raw[]).map((raw) => {
    const body = typeof raw.event === 'object' && raw.event ? raw.event : raw;
    const kind = raw.type ?? raw.kind ?? String((body as { type?: string }).type ?? (typeof raw.event === 'string' ? raw.event : 'event'));
    const brief = briefly(body as Record<string, unknown>, paths);
    return { seq: raw.seq, at: instant(raw.at), kind, brief, search: `${kind} ${brief} ${JSON.stringify(body)}`.toLowerCase(), body: raw };
  });
}

/** The parts of an event that fit into a line; large ones are for the detail. */
function briefly(body: Record<string, unknown>, paths: string[]): string {
  const words: string[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (['type', 'seq', 'at', 'timestamp', 'event', 'kind'].includes(name) || value === null || value === undefined) continue;
    if (typeof value === 'object') {
      const inner = value as { task?: unknown; number?: unknown };
      if (typeof inner.task === 'number') words.push(`${paths[inner.task] ?? inner.task}#${String(inner.number ?? '')}`);
      else words.push(`${name}=${JSON.stringify(value).slice(0, 160)}`);
    } else {
      words.push(`${name}=${String(value).slice(0, 160)}`);
    }
  }
  return words.join(' ');
}
