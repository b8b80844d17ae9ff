// A long log in brief: all that happened to a task in one row, and in one row each what concerns no task. Pure.
import type { TaskRow } from '../../api/types';
import { length } from '../../lib/format';
import type { Row } from './reading';

/** `members` are the events that it stands for, the oldest first. */
export interface Brief extends Row { members: readonly Row[] }

/** In the order in which each began. */
export function compact(rows: readonly Row[], tasks: ReadonlyMap<string, TaskRow>): Brief[] {
  const paths = new Map([...tasks.values()].map((task) => [task.id, task.path]));
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const path = pathOf(row, paths);
    const key = path ?? `#${row.seq}`;
    const group = groups.get(key);
    if (group) group.push(row); else groups.set(key, [row]);
  }
  return [...groups].map(([key, members]) => {
    const [first, last] = [members[0] as Row, members.at(-1) as Row];
    if (members.length === 1) return { ...first, members };
    const tries = members.filter((row) => row.kind === 'attempt_started').length;
    // What it came to is what counts; a failure that was made good is in the number of tries.
    const told = members.findLast((row) => row.feel !== 'plain') ?? last;
    const words = [key, `${members.length} events`, tries > 1 ? `${tries} tries` : '', last.at > first.at ? length(last.at - first.at) : ''];
    return { ...first, kind: told.kind, feel: told.feel, brief: words.filter(Boolean).join(', '), members };
  });
}

/** The task that an event is about. */
function pathOf(row: Row, paths: ReadonlyMap<number, string>): string | undefined {
  const { task, attempt, job } = row.body.event as { task?: unknown; attempt?: { task?: unknown }; job?: { attempt?: { task?: unknown } } };
  const id = task ?? attempt?.task ?? job?.attempt?.task;
  return typeof id === 'number' ? paths.get(id) : undefined;
}
