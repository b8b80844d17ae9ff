import { expect, test } from 'vitest';
import type { Event, TaskRow } from '../../api/types';
import { compact } from './compact';
import { reading } from './reading';

const tasks = new Map([['build.api', { id: 4, path: 'build.api' } as TaskRow]]);

test('what happened to a task is one row, which says what it came to and how often it was tried', () => {
  const events = [
    { type: 'run_created' }, { type: 'task_ready', task: 4 }, { type: 'attempt_started', attempt: { task: 4, number: 1 } }, { type: 'attempt_failed', attempt: { task: 4, number: 1 } },
    { type: 'run_paused', by: { who: 'person', name: 'ann' } }, { type: 'attempt_started', attempt: { task: 4, number: 2 } }, { type: 'task_completed', task: 4 },
  ].map((event, at) => ({ seq: at + 1, at: at * 1000, event }) as unknown as Event);
  const rows = compact(reading(events, tasks), tasks);
  expect(rows.map((row) => [row.seq, row.kind, row.brief, row.feel, row.members.length])).toEqual([
    [1, 'run_created', '', 'plain', 1], [2, 'task_completed', 'build.api, 5 events, 2 tries, 5 s', 'done', 5], [5, 'run_paused', 'by ann', 'asks', 1],
  ]);
});
