import { expect, test } from 'vitest';
import { arrowsOf, chainOf, drawn, MOST } from './arrows';
import type { Row } from './reading';

const row = (path: string, from: number | null, to: number | null = null, planned: Row['planned'] = null): Row =>
  ({ kind: 'task', path, label: path, planned, tries: from === null ? [] : [{ number: 1, from, to, state: 'completed' }], state: 'completed', critical: false });

test('an arrow goes from the end of what is needed to the beginning of what needs it', () => {
  const rows = [row('a', 0, 10), row('b', 12, null), row('c', null, null, { from: 40, to: 50 }), row('d', null)];
  const arrows = arrowsOf(rows, 'b', ['a'], ['c', 'd', 'nowhere'], 30);
  expect(arrows.map((one) => [one.kind, one.fromRow, one.toRow, one.from, one.to])).toEqual([['need', 0, 1, 10, 12], ['follows', 1, 2, 30, 40]]);
});

test('a chain passes over what has no row', () => {
  const rows = [row('a', 0, 10), row('c', 20, 30)];
  expect(chainOf(rows, ['a', 'b', 'c'], 0).map((one) => one.key)).toEqual(['critical a c']);
});

test('of a task that thousands need not all arrows are drawn', () => {
  const rows = [row('a', 0, 1), ...Array.from({ length: 500 }, (_, at) => row(`t${at}`, 2, 3))];
  expect(arrowsOf(rows, 'a', [], rows.slice(1).map((one) => one.path), 5)).toHaveLength(MOST);
});

test('a group that has no row stands for its tasks, and the end of what the task is in is left out', () => {
  const rows = [row('build', 0, 5), row('build.crate.a', 0, 1), row('build.crate.b', 0, 2), row('build.link', 3, 5)];
  expect(arrowsOf(rows, 'build.link', ['build.crate'], ['build'], 9).map((one) => one.key)).toEqual(['need build.crate.a build.link', 'need build.crate.b build.link']);
});

test('a line ends at the head, upwards and downwards, and from above where there is no room before it', () => {
  expect(drawn(0, 14, 100, 70).line).toMatch(/^M0 14H.*H95$/);
  expect(drawn(0, 70, 100, 14).line).toContain('V19');
  expect(drawn(20, 14, 20, 70)).toEqual({ line: 'M20 14H24V58', head: 'M24 64l-3.5 -6h7z' });
  expect(drawn(50, 70, 20, 14).line).toBe('M24 64V26');
});
