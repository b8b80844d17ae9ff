// Runs against tasks: what became of each task in each run. Pure.
import type { TaskRow } from '../../api/types';
import { median } from './bars';

export interface Cell { run: string; state: string; tries: number; ms: number }
export interface GridRow { kind: 'phase' | 'task'; path: string; label: string; cells: (Cell | null)[]; failed: number; shaky: number; usual: number | null; gone: boolean }
type Column = readonly [run: string, tasks: ReadonlyMap<string, TaskRow> | null];

/** Rows in the order of the plan, by phase; tasks that only other runs have come last. Columns as they are given. */
export function gridOf(own: readonly TaskRow[], titles: ReadonlyMap<string, string>, columns: readonly Column[]): GridRow[] {
  const rows: GridRow[] = [];
  let phase: string | null = null;
  for (const task of own) {
    if (task.phase !== phase) {
      phase = task.phase;
      if (phase) rows.push(head(phase, titles.get(phase) ?? phase));
    }
    rows.push(rowOf(task, columns, false));
  }
  const known = new Set(own.map((task) => task.path));
  const others = new Map<string, TaskRow>();
  for (const [, tasks] of columns) for (const task of tasks?.values() ?? []) if (!known.has(task.path)) others.set(task.path, task);
  if (others.size > 0) rows.push(head('', 'Not in this run'), ...[...others.values()].map((task) => rowOf(task, columns, true)));
  return rows;
}

/** Without tasks that do not fit, and without phases of which nothing is left. */
export function fitting(rows: readonly GridRow[], fits: (row: GridRow) => boolean): GridRow[] {
  return rows.filter((row) => row.kind === 'phase' || fits(row)).filter((row, at, kept) => row.kind === 'task' || kept[at + 1]?.kind === 'task');
}

const head = (path: string, label: string): GridRow => ({ kind: 'phase', path, label, cells: [], failed: 0, shaky: 0, usual: null, gone: false });

function rowOf(task: TaskRow, columns: readonly Column[], gone: boolean): GridRow {
  const cells = columns.map(([run, tasks]): Cell | null => {
    const one = tasks?.get(task.path);
    return one ? { run, state: one.state, tries: one.attempts, ms: one.spent_ms } : null;
  });
  const done = cells.filter((cell) => cell?.state === 'completed');
  return {
    kind: 'task', path: task.path, label: task.phase && task.path.startsWith(`${task.phase}.`) ? task.path.slice(task.phase.length + 1) : task.path, cells, gone,
    failed: cells.filter((cell) => cell?.state === 'failed').length,
    // What was done, but not at the first try.
    shaky: done.filter((cell) => cell !== null && cell.tries > 1).length,
    usual: median(done.flatMap((cell) => (cell ? [cell.ms] : []))),
  };
}
