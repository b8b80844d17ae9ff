// The server's layout in the form in which it is folded and drawn. Pure.
import type { Placed } from '../../api/types';
import type { Graph } from './fold';

/** Points in which arrows are gathered have no task: their names begin with this. */
export const POINT = '#';

export function graphOf(answer: Placed): Graph {
  const names = new Map(answer.nodes.map((node) => [node.id, node.task ?? `${POINT}${node.id}`]));
  return {
    size: [answer.width, answer.height],
    nodes: answer.nodes.map(({ id, name, group, critical, x, y, w, h }) => ({ path: names.get(id) ?? '', name, group, critical, x, y, w, h })),
    edges: answer.edges.map(({ from, to, critical, points }) => ({ from: names.get(from) ?? '', to: names.get(to) ?? '', critical, points })),
    groups: answer.groups,
  };
}
