// The server's layout in the form in which it is folded and drawn. Pure.
import type { Placed } from '../../api/types';
import type { Graph } from './fold';

/** Points in which arrows are gathered have no task: their names begin with this. */
export const POINT = '#';

/** Here nodes have a sign before their names, for which the server's widths have no room. */
const WIDER = 1.18;
const wide = (length: number): number => Math.round(length * WIDER);

export function graphOf(answer: Placed): Graph {
  const names = new Map(answer.nodes.map((node) => [node.id, node.task ?? `${POINT}${node.id}`]));
  return {
    size: [wide(answer.width), answer.height],
    nodes: answer.nodes.map(({ id, name, group, critical, x, y, w, h }) => ({ path: names.get(id) ?? '', name, group, critical, x: wide(x), y, w: wide(w), h })),
    edges: answer.edges.map(({ from, to, critical, points }) => ({ from: names.get(from) ?? '', to: names.get(to) ?? '', critical, points: points.map(([x, y]): [number, number] => [wide(x), y]) })),
    groups: answer.groups.map((group) => ({ ...group, x: wide(group.x), w: wide(group.w) })),
  };
}
