import { expect, test } from 'vitest';
import type { RunRow } from '../../api/types';
import { barsOf, median, plansOf } from './bars';

const run = (id: string, minute: number, length_ms: number, state = 'succeeded', plan = 'a'): RunRow =>
  ({ id, plan, state, length_ms, created: new Date(minute * 60_000).toISOString(), last: new Date(minute * 60_000 + length_ms).toISOString() }) as RunRow;

test('bars go from the oldest to the newest, and are as high as their runs are long', () => {
  const { bars, top } = barsOf([run('c', 3, 500), run('a', 1, 2_000), run('b', 2, 1_000)], 2, 0);
  expect(bars.map((bar) => [bar.row.id, bar.part])).toEqual([['b', 1], ['c', 0.5]]);
  expect(top).toBe(1_000);
});

test('one that goes on is as long as it has been; it and what was cancelled say nothing of what is usual', () => {
  const rows = [run('a', 0, 1_000), run('b', 1, 3_000), run('c', 2, 2_000), run('d', 3, 9, 'cancelled'), run('e', 4, 0, 'running')];
  const { bars, usual } = barsOf(rows, 10, 5 * 60_000);
  expect(bars.at(-1)).toMatchObject({ ms: 60_000, open: true, part: 1 });
  expect(usual).toBe(2_000);
  expect(barsOf(rows.slice(0, 2), 10, 0).usual).toBeNull();
});

test('of two that began in the same second, the one that a list has first is the newer', () => {
  expect(barsOf([run('b', 1, 1), run('a', 1, 1)], 9, 0).bars.map((bar) => bar.row.id)).toEqual(['a', 'b']);
});

test('the median of an even count lies between', () => {
  expect([median([1, 9, 3, 5]), median([2]), median([])]).toEqual([4, 2, null]);
});

test('plans that ran once are not compared', () => {
  const rows = [run('a', 1, 1), run('b', 2, 1, 'failed'), run('c', 9, 1, 'succeeded', 'b'), run('d', 8, 1, 'succeeded', 'b'), run('e', 7, 1, 'succeeded', 'c')];
  expect(plansOf(rows).map((one) => [one.plan, one.newest.id, one.failed])).toEqual([['b', 'c', 0], ['a', 'b', 1]]);
});
