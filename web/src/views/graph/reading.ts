// The server's layout in the form in which it is folded and drawn. Pure.
import type { Graph } from '../../api/types';

interface Answer {
  width: number; height: number;
  nodes: { id: number; task: string | null; name: string; group: string | null; critical: boolean; x: number; y: number; w: number; h: number }[];
  edges: { from: number; to: number; critical: boolean; points: [number, number][] }[];
  groups: { path: string; title: string; kind: string; parent: string | null; x: number; y: number; w: number; h: number }[];
}

/** Points in which arrows are gathered have no task: their names begin with this. */
export const POINT = '#';

export function graphOf(answer: Answer): Graph {
  const names = new Map(answer.nodes.map((node) => [node.id, node.task ?? `${POINT}${node.id}`]));
  return {
    size: [answer.width, answer.height],
    nodes: answer.nodes.map(({ id, name, group, critical, x, y, w, h }) => ({ path: names.get(id) ?? '', name, group, critical, x, y, w, h })),
    edges: answer.edges.map(({ from, to, critical, points }) => ({ from: names.get(from) ?? '', to: names.get(to) ?? '', critical, points })),
    groups: answer.groups,
  };
}
export type { Answer };
