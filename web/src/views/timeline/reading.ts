// The timeline as rows: phases with their tasks, each with its planned outline and its tries, and marks over all. Pure.
import type { Run, TaskRow, Timeline } from '../../api/types';
import { instant } from '../../lib/format';
import { isOver } from '../../lib/states';
import type { Span } from './scale';

export interface Try { number: number; from: number; to: number | null; state: string }
export interface Row { kind: 'phase' | 'task'; path: string; label: string; planned: Span | null; tries: Try[]; state: string; critical: boolean }
export interface TimelineMark { at: number; until: number | null; kind: 'decision' | 'note'; text: string; decision: number | null; open: boolean }

const OUTCOMES: Record<string, string> = { live: 'running', completed: 'completed', failed: 'failed' };

export function rowsOf(run: Run, answer: Timeline | null, critical: Set<string>): Row[] {
  const planned = new Map((answer?.planned ?? []).map((bar) => [bar.task, { from: bar.start, to: bar.end }]));
  const tries = new Map<string, Try[]>();
  for (const one of answer?.attempts ?? []) {
    const list = tries.get(one.task) ?? [];
    list.push({ number: one.attempt, from: one.started, to: one.ended, state: OUTCOMES[one.outcome] ?? one.outcome });
    tries.set(one.task, list);
  }
  // What people were asked has no tries: the time for which it was open is what it took.
  for (const one of run.decisions) {
    const opened = instant(one.opened);
    if (opened === null || tries.has(one.asked_by)) continue;
    tries.set(one.asked_by, [{ number: 1, from: opened, to: one.taken ? instant(one.taken.at) : null, state: 'blocked' }]);
  }
  const titles = new Map(run.phases.map((phase) => [phase.path, phase.title]));
  const rows: Row[] = [];
  let phase: string | null | undefined;
  let head: Row | null = null;
  for (const task of run.tasks) {
    if (task.phase !== phase) {
      phase = task.phase;
      head = phase ? { kind: 'phase', path: phase, label: titles.get(phase) ?? phase, planned: null, tries: [], state: '', critical: false } : null;
      if (head) rows.push(head);
    }
    const row = taskRow(task, tries.get(task.path) ?? [], planned.get(task.path) ?? null, critical.has(task.path));
    rows.push(row);
    if (head) widen(head, row);
  }
  return rows;
}

function taskRow(task: TaskRow, known: Try[], planned: Span | null, critical: boolean): Row {
  const started = instant(task.started);
  const tries = known.length === 0 && started !== null ? [{ number: task.attempts || 1, from: started, to: instant(task.ended), state: task.state }] : known;
  const label = task.phase && task.path.startsWith(`${task.phase}.`) ? task.path.slice(task.phase.length + 1) : task.path;
  // What will never run has a plan no more: it would press together what did run.
  const never = tries.length === 0 && isOver(task.state);
  return { kind: 'task', path: task.path, label, planned: planned && planned.to > planned.from && !never ? planned : null, tries, state: task.state, critical };
}

function widen(head: Row, row: Row): void {
  for (const one of row.tries) {
    const whole = head.tries[0];
    if (!whole) head.tries.push({ ...one, state: 'phase' });
    else {
      whole.from = Math.min(whole.from, one.from);
      whole.to = whole.to === null || one.to === null ? null : Math.max(whole.to, one.to);
    }
  }
}

export function marksOf(run: Run, answer: Timeline | null): TimelineMark[] {
  const decisions = run.decisions.map((one): TimelineMark => ({
    at: instant(one.opened) ?? 0, until: one.taken ? instant(one.taken.at) : null, kind: 'decision', text: one.question.text, decision: one.decision, open: !one.taken,
  }));
  const notes = (answer?.notes ?? []).map((note): TimelineMark => ({ at: note.at, until: null, kind: 'note', text: note.text, decision: null, open: false }));
  return [...notes, ...decisions];
}

export function extent(rows: Row[], marks: TimelineMark[], began: number, end: number): Span {
  let [from, to] = [began, end];
  for (const row of rows) {
    // What was planned long after everything has happened would press that together.
    if (row.planned) { from = Math.min(from, row.planned.from); to = Math.max(to, Math.min(row.planned.to, began + 4 * Math.max(60_000, end - began))); }
    for (const one of row.tries) { from = Math.min(from, one.from); to = Math.max(to, one.to ?? to); }
  }
  for (const mark of marks) to = Math.max(to, mark.at);
  const margin = Math.max(200, (to - from) * 0.02);
  return { from: from - margin, to: to + margin };
}
