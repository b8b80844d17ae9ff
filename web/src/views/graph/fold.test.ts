import { expect, test } from 'vitest';
import { fold, type Graph } from './fold';

const GRAPH: Graph = {
  size: [1000, 400],
  groups: [
    { path: 'a', title: 'A', kind: 'phase', parent: null, x: 0, y: 0, w: 600, h: 300 },
    { path: 'b', title: 'B', kind: 'phase', parent: null, x: 700, y: 0, w: 240, h: 300 },
  ],
  nodes: [
    { path: 'a.one', name: 'one', group: 'a', critical: true, x: 20, y: 40, w: 200, h: 46 },
    { path: 'a.two', name: 'two', group: 'a', critical: true, x: 380, y: 40, w: 200, h: 46 },
    { path: 'b.three', name: 'three', group: 'b', critical: true, x: 720, y: 40, w: 200, h: 46 },
  ],
  edges: [
    { from: 'a.one', to: 'a.two', critical: true, points: [[220, 63], [380, 63]] },
    { from: 'a.two', to: 'b.three', critical: true, points: [[580, 63], [720, 63]] },
    { from: 'a.one', to: 'b.three', critical: false, points: [[220, 70], [720, 70]] },
  ],
};

test('nothing folded is the layout as it came', () => {
  const all = fold(GRAPH, new Set());
  expect(all.nodes.map((node) => node.x)).toEqual([20, 380, 720]);
  expect(all.edges).toHaveLength(3);
});

test('a folded phase is one box, its arrows are one, and what is empty is pulled together', () => {
  const some = fold(GRAPH, new Set(['a']));
  expect(some.nodes.map((node) => node.path)).toEqual(['b.three']);
  expect(some.edges).toEqual([{ from: 'a', to: 'b.three', critical: true, points: expect.any(Array) as unknown }]);
  expect(some.width).toBeLessThan(fold(GRAPH, new Set()).width);
  const [group] = some.groups;
  expect(group?.folded).toBe(true);
  // It still stands left of what comes after it.
  expect((group?.x ?? 0) + (group?.w ?? 0)).toBeLessThan(some.nodes[0]?.x ?? 0);
});

test('folding twice gives the same as folding once', () => {
  expect(fold(GRAPH, new Set(['a']))).toEqual(fold(GRAPH, new Set(['a'])));
});
