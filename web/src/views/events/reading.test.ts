import { expect, test } from 'vitest';
import type { Event, TaskRow } from '../../api/types';
import { has, reading } from './reading';

const tasks = new Map([['build.api', { id: 4, path: 'build.api' } as TaskRow]]);
const row = (event: Record<string, unknown>) => reading([{ seq: 1, at: 0, event } as unknown as Event], tasks)[0];

test('an event names its task and its try, how it ended and by whom, and leaves out what nobody reads in a line', () => {
  expect(row({ type: 'attempt_succeeded', attempt: { task: 4, number: 2 }, report: { exit: { how: 'code', code: 0 }, usage: { started: 1 } } })?.brief).toBe('build.api, try 2 exit code 0');
  expect(row({ type: 'run_paused', by: { who: 'person', name: 'ann' } })?.brief).toBe('by ann');
});

test('a node that is no task is called by its path, too', () => {
  const event = { seq: 1, at: 0, event: { type: 'milestone_reached', task: 7 } } as unknown as Event;
  const [read] = reading([event], new Map(tasks), [{ id: 7, path: 'beta', title: 'The beta is out' }]);
  expect(read).toMatchObject({ brief: 'beta', feel: 'done' });
});

test('why a task was left out names the other', () => {
  expect(row({ type: 'task_skipped', task: 9, reason: { why: 'upstream', need: 4 } })?.brief).toBe('task=9 upstream: build.api');
});

test('what is worth an eye is told apart', () => {
  expect(['attempt_failed', 'decision_opened', 'task_completed', 'task_ready'].map((type) => row({ type })?.feel)).toEqual(['failed', 'asks', 'done', 'plain']);
});

test('everything in an event is found, also what its line leaves out', () => {
  const one = row({ type: 'attempt_succeeded', attempt: { task: 4, number: 2 }, report: { exit: { how: 'code', code: 0 }, why: 'Because' } });
  expect(one && has(one, ['because', 'build.api'])).toBe(true);
  expect(one && has(one, ['because', 'web'])).toBe(false);
});
