import { expect, test } from 'vitest';
import type { Run, TaskRow } from '../../api/types';
import { limitsOf, partsOf, readLimit, requests, waysOf, type Wish } from './change';

const tasks = new Map(([['a', 'failed'], ['b', 'pending'], ['c', 'skipped'], ['d', 'ready'], ['e', 'completed'], ['f', 'running']] as const).map(([path, state], id) => [path, { path, state, id } as TaskRow]));
const wish = (more: Partial<Wish>): Wish => ({ parts: [], ways: {}, open: true, level: null, parallel: null, limits: [], say: '', because: '', ...more });

test('tasks are put together by state, in the order of the plan; what is no task stands for itself', () => {
  expect(partsOf(['d', 'build', 'b', 'a'], tasks)).toEqual([{ state: 'failed', names: ['a'] }, { state: 'pending', names: ['b'] }, { state: 'ready', names: ['d'] }, { state: null, names: ['build'] }]);
});

test('without a word, what failed is tried again, what waits is left out, what was left out comes back, and what runs or is done stays', () => {
  expect(requests(wish({ parts: partsOf(tasks.keys(), tasks) }))).toEqual({ adjust: { skip: ['b', 'd'], bring_back: ['c'] }, retry: ['a'] });
});

test('of a run that is over nothing is left to change, but what was left out is tried', () => {
  expect(requests(wish({ open: false, parts: partsOf(['a', 'b', 'c'], tasks) }))).toEqual({ adjust: null, retry: ['a', 'c'] });
  expect(waysOf('pending', false)).toEqual(['leave']);
});

test('one change has all of it, and a reason alone is none', () => {
  expect(requests(wish({ because: 'so' })).adjust).toBeNull();
  const limit = { of: 'the run', unit: 'cost', now: 1, scope: { of: 'run' } } as const;
  expect(requests(wish({ parts: partsOf(['b', 'f', 'e'], tasks), ways: { pending: 'first' }, level: 4, parallel: 2, limits: [{ limit, to: 5 }], say: ' hurry ', because: 'so' })).adjust).toEqual({
    first: ['b'], level: 4, parallel: 2, limits: [{ scope: { of: 'run' }, unit: 'cost', limit: 5 }], tell: [{ task: 'b', text: 'hurry' }, { task: 'f', text: 'hurry' }], because: 'so',
  });
});

test('limits of the run, of tasks and of agents can be named', () => {
  const budget = (of: string, unit: string) => ({ of, unit, limit: 7, used: 0, used_up: false, at_least: false });
  const run = { time_limit_ms: 9, tasks: [...tasks.values()], budgets: [budget('the run', 'cost'), budget('phase build', 'cost'), budget('task c', 'tokens'), budget('agent linter', 'cost')] } as unknown as Run;
  expect(limitsOf(run).map((one) => [one.of, one.unit, one.scope])).toEqual([
    ['the run', 'time', { of: 'run' }], ['the run', 'cost', { of: 'run' }], ['task c', 'tokens', { of: 'task', task: 2 }], ['agent linter', 'cost', { of: 'agent', name: 'linter' }],
  ]);
  expect([readLimit('cost', '2.50'), readLimit('time', '90m'), readLimit('tokens', '5M'), readLimit('cost', 'much')]).toEqual([2_500_000, 5_400_000, 5_000_000, null]);
});
