// The timeline as rows: phases with their tasks, each with its planned outline and its tries, and marks over all. Pure.
import type { Run, TaskRow } from '../../api/types';
import { instant } from '../../lib/format';
import type { Span } from './scale';

export interface Try { number: number; from: number; to: number | null; state: string }
export interface Row { kind: 'phase' | 'task'; path: string; label: string; planned: Span | null; tries: Try[]; state: string; critical: boolean }
export interface TimelineMark { at: number; until: number | null; kind: 'decision' | 'note' | 'failure'; text: string; decision: number | null; open: boolean }

export interface Bar {
  task: string; planned?: [string, string] | null;
  attempts?: { number: number; start?: string; started?: string; end?: string | null; ended?: string | null; state?: string; outcome?: string }[];
}
export interface Answer { bars?: Bar[]; marks?: { at: string; kind: string; text: string; task?: string | null; decision?: number | null }[]; critical_path?: string[] }

export function rowsOf(run: Run, answer: Answer | null, critical: Set<string>): Row[] {
  const bars = new Map((answer?.bars ?? []).map((bar) => [bar.task, bar]));
  const titles = new Map((run.phases ?? []).map((phase) => [phase.path, phase.title]));
  const rows: Row[] = [];
  let phase: string | null | undefined;
  let head: Row | null = null;
  for (const task of run.tasks) {
    if (task.phase !== phase) {
      phase = task.phase;
      head = phase ? { kind: 'phase', path: phase, label: titles.get(phase) ?? phase, planned: null, tries: [], state: '', critical: false } : null;
      if (head) rows.push(head);
    }
    const row = taskRow(task, bars.get(task.path), critical.has(task.path));
    rows.push(row);
    if (head) widen(head, row);
  }
  return rows;
}

function taskRow(task: TaskRow, bar: Bar | undefined, critical: boolean): Row {
  const started = instant(task.started);
  const ended = instant(task.ended);
  let tries: Try[] = (bar?.attempts ?? []).flatMap((one) => {
    const from = instant(one.started ?? one.start);
    return from === null ? [] : [{ number: one.number, from, to: instant(one.ended ?? one.end), state: one.state ?? one.outcome ?? 'running' }];
  });
  if (tries.length === 0 && started !== null) tries = [{ number: task.attempts || 1, from: started, to: ended, state: task.state }];
  const from = instant(bar?.planned?.[0]);
  const to = instant(bar?.planned?.[1]);
  const planned = from !== null && to !== null ? { from, to } : started !== null && task.estimate_ms ? { from: tries[0]?.from ?? started, to: (tries[0]?.from ?? started) + task.estimate_ms } : null;
  return { kind: 'task', path: task.path, label: task.phase && task.path.startsWith(`${task.phase}.`) ? task.path.slice(task.phase.length + 1) : task.path, planned, tries, state: task.state, critical };
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

export function marksOf(run: Run, answer: Answer | null): TimelineMark[] {
  const marks: TimelineMark[] = run.decisions.map((one) => ({
    at: instant(one.opened) ?? 0, until: one.taken ? instant(one.taken.at) : null, kind: 'decision', text: one.question.text, decision: one.decision, open: !one.taken,
  }));
  for (const mark of answer?.marks ?? []) {
    const at = instant(mark.at);
    if (at === null || mark.kind.startsWith('decision') || mark.decision != null) continue;
    marks.push({ at, until: null, kind: mark.kind.includes('fail') ? 'failure' : 'note', text: mark.text, decision: null, open: false });
  }
  return marks;
}

export function extent(rows: Row[], marks: TimelineMark[], began: number, end: number): Span {
  let [from, to] = [began, end];
  for (const row of rows) {
    if (row.planned) { from = Math.min(from, row.planned.from); to = Math.max(to, row.planned.to); }
    for (const one of row.tries) { from = Math.min(from, one.from); to = Math.max(to, one.to ?? to); }
  }
  for (const mark of marks) to = Math.max(to, mark.at);
  const margin = Math.max(200, (to - from) * 0.02);
  return { from: from - margin, to: to + margin };
}
