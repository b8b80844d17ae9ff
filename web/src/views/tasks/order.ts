// The columns of the table of tasks and the order that each gives. Pure.
import type { TaskRow } from '../../api/types';
import { instant } from '../../lib/format';
import { URGENCY } from '../../lib/states';

export interface Column { key: string; word: string; number: boolean; of: ((task: TaskRow, now: number) => number | string) | null }

export const COLUMNS: readonly Column[] = [
  { key: 'state', word: 'State', number: false, of: (task) => URGENCY.indexOf(task.state) },
  { key: 'path', word: 'Task', number: false, of: (task) => task.path },
  { key: 'agent', word: 'Agent', number: false, of: (task) => task.agent },
  { key: 'attempts', word: 'Tries', number: true, of: (task) => task.attempts },
  { key: 'took', word: 'Took', number: true, of: (task, now) => (task.state === 'running' && task.started ? now - (instant(task.started) ?? now) : task.spent_ms) },
  { key: 'estimate', word: 'Estimate', number: true, of: (task) => task.estimate_ms ?? 0 },
  { key: 'cost', word: 'Cost', number: true, of: (task) => task.used?.cost_usd ?? 0 },
  { key: 'note', word: 'What', number: false, of: (task) => task.failure?.message ?? task.title ?? '' },
];

/** Sorted by a column; equal ones stay in the order of the plan. */
export function sorted(tasks: readonly TaskRow[], by: Column, down: boolean, now: number): TaskRow[] {
  const of = by.of;
  if (!of) return [...tasks];
  const keyed = tasks.map((task) => ({ task, key: of(task, now) }));
  const sign = down ? -1 : 1;
  keyed.sort((one, other) => (one.key < other.key ? -sign : one.key > other.key ? sign : 0));
  return keyed.map((one) => one.task);
}
