import { expect, test } from 'vitest';
import type { TaskRow } from '../../api/types';
import { fitting, gridOf } from './grid';

const task = (path: string, state: string, attempts = 1, spent_ms = 100): TaskRow => ({ path, state, attempts, spent_ms, phase: path.includes('.') ? path.split('.')[0] : null }) as TaskRow;
const column = (run: string, ...tasks: TaskRow[]) => [run, new Map(tasks.map((one) => [one.path, one]))] as const;

test('each task has a cell for each run, or none where that run had no such task or is not known yet', () => {
  const own = [task('start', 'completed'), task('build.api', 'failed')];
  const rows = gridOf(own, new Map([['build', 'Build it']]), [column('a', task('build.api', 'completed', 3, 500), task('old', 'completed')), ['b', null], column('c', ...own)]);
  expect(rows.map((row) => [row.kind, row.label, row.cells.map((cell) => cell?.state ?? '')])).toEqual([
    ['task', 'start', ['', '', 'completed']], ['phase', 'Build it', []], ['task', 'api', ['completed', '', 'failed']], ['phase', 'Not in this run', []], ['task', 'old', ['completed', '', '']],
  ]);
  expect(rows[2]).toMatchObject({ failed: 1, shaky: 1, usual: 500, gone: false });
  expect(rows[4]?.gone).toBe(true);
});

test('a phase of which nothing fits is left out', () => {
  const rows = gridOf([task('a.x', 'failed'), task('b.y', 'completed')], new Map(), [column('r', task('a.x', 'failed'), task('b.y', 'completed'))]);
  expect(fitting(rows, (row) => row.failed > 0).map((row) => row.path)).toEqual(['a', 'a.x']);
});
