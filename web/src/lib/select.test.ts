import { expect, test } from 'vitest';
import { aroundIn, readSelection } from './select';

const node = (id: number, task: string | null) => ({ id, task }) as never;
const edge = (from: number, to: number) => ({ from, to }) as never;
// spec -> (point) -> api, list -> glue; docs stands alone.
const graph = { nodes: [node(1, 'plan.spec'), node(2, null), node(3, 'build.api'), node(4, 'build.list'), node(5, 'glue'), node(6, 'docs')], edges: [edge(1, 2), edge(2, 3), edge(2, 4), edge(3, 5), edge(4, 5)] };
const around = (text: string) => [...aroundIn(readSelection(text).around, graph)].sort();

test('words are words, and a plus before or behind a name asks for what is before or behind it', () => {
  expect(readSelection('Failed +api  build.list+ c++ +')).toEqual({ words: ['failed', 'c++', '+'], around: [{ name: 'api', up: true, down: false }, { name: 'build.list', up: false, down: true }] });
});

test('what a task needs, what hangs on it, and both, however far and through points of the drawing', () => {
  expect(around('+api')).toEqual(['build.api', 'plan.spec']);
  expect(around('spec+')).toEqual(['build.api', 'build.list', 'glue', 'plan.spec']);
  expect(around('+build.api+')).toEqual(['build.api', 'glue', 'plan.spec']);
  expect(around('+build')).toEqual(['build.api', 'build.list', 'plan.spec']);
  expect(around('+nothing')).toEqual([]);
});

test('a circle of arrows does not go on for ever', () => {
  expect([...aroundIn([{ name: 'a', up: true, down: true }], { nodes: [node(1, 'a'), node(2, 'b')], edges: [edge(1, 2), edge(2, 1)] })].sort()).toEqual(['a', 'b']);
});
