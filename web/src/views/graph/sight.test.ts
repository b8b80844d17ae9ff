import { expect, test } from 'vitest';
import type { Folded } from './fold';
import { fitted, focused, isIn, settled } from './sight';

const size = { width: 1000, height: 500 };
const graph = (width: number, height: number, ...nodes: [path: string, x: number, y: number][]): Folded =>
  ({ width, height, groups: [], edges: [], nodes: nodes.map(([path, x, y]) => ({ path, name: path, critical: false, x, y, w: 100, h: 40 })) });

test('all of it stands in the middle, and is never blown up', () => {
  expect(fitted(graph(200, 100), size)).toEqual({ k: 1.1, x: 390, y: 195 });
  expect(fitted(graph(2000, 100), size)).toEqual({ k: 0.46, x: 40, y: 227 });
});

test('what is too large to be read is shown from where something happens, and never beyond its edges', () => {
  const large = graph(4000, 300, ['first', 0, 0], ['middle', 2000, 100], ['last', 3900, 200]);
  expect(settled(large, size, 'first')).toEqual({ k: 0.8, x: 40, y: 130 });
  expect(settled(large, size, 'last').x).toBe(1000 - 40 - 3200);
  expect(isIn(large.nodes[1] as never, settled(large, size, 'middle'), size)).toBe(true);
});

test('a box is in sight if some of it is', () => {
  const box = { x: 100, y: 0, w: 100, h: 40 };
  expect([isIn(box, { x: -150, y: 0, k: 1 }, size), isIn(box, { x: -201, y: 0, k: 1 }, size), isIn(box, { x: -201, y: 0, k: 1 }, size, 80)]).toEqual([true, false, true]);
  expect(focused(box, size, 0.1)).toEqual({ k: 0.9, x: 365, y: 232 });
});
