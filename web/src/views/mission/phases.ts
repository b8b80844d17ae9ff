// The phases of a run with what is over in each. Pure.
import type { Run, TaskRow } from '../../api/types';
import { isOver } from '../../lib/states';

export interface PhaseProgress { path: string; title: string; total: number; done: number; running: number; failed: number; asks: number; skipped: number }

export function phasesOf(run: Run): PhaseProgress[] {
  const titles = new Map(run.phases.map((phase) => [phase.path, phase.title]));
  const found = new Map<string, PhaseProgress>();
  for (const [path, title] of titles) found.set(path, { path, title: title || path, total: 0, done: 0, running: 0, failed: 0, asks: 0, skipped: 0 });
  for (const task of run.tasks) {
    const path = task.phase ?? '';
    let phase = found.get(path);
    if (!phase) {
      phase = { path, title: titles.get(path) ?? (path || 'Tasks'), total: 0, done: 0, running: 0, failed: 0, asks: 0, skipped: 0 };
      found.set(path, phase);
    }
    count(phase, task);
  }
  return [...found.values()].filter((phase) => phase.total > 0);
}

/** Tasks of it that have nothing more to do. */
export const over = (phase: PhaseProgress): number => phase.done + phase.failed + phase.skipped;

function count(phase: PhaseProgress, task: TaskRow): void {
  phase.total += 1;
  if (task.state === 'failed') phase.failed += 1;
  else if (task.state === 'running' || task.state === 'reviewing') phase.running += 1;
  else if (task.state === 'blocked') phase.asks += 1;
  else if (task.state === 'completed') phase.done += 1;
  else if (isOver(task.state)) phase.skipped += 1;
}
