// The layout of the server with some groups folded into one box each. What is empty then is pulled together; nothing changes places,
// so that a viewer finds everything where it was. Pure.

export interface GraphNode { path: string; name: string; group: string | null; critical: boolean; x: number; y: number; w: number; h: number }
export interface GraphEdge { from: string; to: string; critical: boolean; points: [number, number][] }
export interface GraphGroup { path: string; title: string; kind: string; parent: string | null; x: number; y: number; w: number; h: number }
export interface Graph { nodes: GraphNode[]; edges: GraphEdge[]; groups: GraphGroup[]; size: [number, number] }
export interface Box { x: number; y: number; w: number; h: number }
export interface FoldedNode extends Box { path: string; name: string; critical: boolean }
export interface FoldedGroup extends Box { path: string; title: string; kind: string; folded: boolean; depth: number }
export interface FoldedEdge { from: string; to: string; critical: boolean; points: [number, number][] }
export interface Folded { nodes: FoldedNode[]; groups: FoldedGroup[]; edges: FoldedEdge[]; width: number; height: number }

const FOLDED = { w: 250, h: 74 };
/** A stretch in which nothing is, is at most this long. */
const GAP = 72;

export function fold(graph: Graph, closed: ReadonlySet<string>): Folded {
  const groups = new Map(graph.groups.map((group) => [group.path, group]));
  const holder = (start: string | null): string | null => {
    let found: string | null = null;
    for (let at: string | null = start; at !== null; at = groups.get(at)?.parent ?? null) if (closed.has(at)) found = at;
    return found;
  };
  const depth = (group: GraphGroup): number => {
    let count = 0;
    for (let at = group.parent; at !== null; at = groups.get(at)?.parent ?? null) count += 1;
    return count;
  };

  const inside = new Map(graph.nodes.map((node) => [node.path, holder(node.group)]));
  const nodes = graph.nodes.filter((node) => inside.get(node.path) === null).map(({ path, name, critical, x, y, w, h }) => ({ path, name, critical, x, y, w, h }));
  const boxes: FoldedGroup[] = graph.groups
    .filter((group) => holder(group.parent) === null)
    .map((group) => {
      const folded = closed.has(group.path);
      const size = folded ? FOLDED : { w: group.w, h: group.h };
      return { path: group.path, title: group.title, kind: group.kind, folded, depth: depth(group), x: group.x, y: group.y, ...size };
    });
  const maps = closed.size === 0 ? null : squeeze([...nodes, ...boxes.filter((box) => box.folded)], boxes.filter((box) => !box.folded), graph);

  const places = new Map<string, Box>([...nodes.map((node) => [node.path, node] as const), ...boxes.filter((box) => box.folded).map((box) => [box.path, box] as const)]);
  const edges = edgesOf(graph, inside, places, maps);
  const all: Box[] = [...nodes, ...boxes];
  return {
    nodes, groups: boxes, edges,
    width: Math.max(1, ...all.map((box) => box.x + box.w)),
    height: Math.max(1, ...all.map((box) => box.y + box.h)),
  };
}

/** Where each place of the layout came to stand. */
interface Maps { x: (at: number) => number; y: (at: number) => number }

/** Takes what is empty out of both axes: of `solid` boxes only the places change, of those `around` them the sizes too. */
function squeeze(solid: Box[], around: Box[], graph: Graph): Maps {
  const along = (axis: 'x' | 'y', size: 'w' | 'h'): ((at: number) => number) => {
    const spans = solid.map((box) => [box[axis], box[axis] + box[size]] as const).sort((one, other) => one[0] - other[0]);
    // Where a stretch without anything begins, how long it is, and what it keeps.
    const cuts: { from: number; less: number; length: number }[] = [];
    let end = 0;
    for (const [from, to] of spans) {
      if (from - end > GAP) cuts.push({ from: end, length: from - end, less: from - end - GAP });
      end = Math.max(end, to);
    }
    const whole = axis === 'x' ? graph.size[0] : graph.size[1];
    if (whole - end > GAP) cuts.push({ from: end, length: whole - end, less: whole - end - GAP });
    return (at) => {
      let result = at;
      for (const cut of cuts) {
        if (at <= cut.from) break;
        result -= cut.less * Math.min(1, (at - cut.from) / cut.length);
      }
      return result;
    };
  };
  const x = along('x', 'w');
  const y = along('y', 'h');
  for (const box of around) {
    const [left, top] = [x(box.x), y(box.y)];
    [box.w, box.h] = [x(box.x + box.w) - left, y(box.y + box.h) - top];
    [box.x, box.y] = [left, top];
  }
  for (const box of solid) [box.x, box.y] = [x(box.x), y(box.y)];
  return { x, y };
}

function edgesOf(graph: Graph, inside: Map<string, string | null>, places: Map<string, Box>, maps: Maps | null): FoldedEdge[] {
  const edges: FoldedEdge[] = [];
  const seen = new Map<string, FoldedEdge>();
  for (const edge of graph.edges) {
    const [from, to] = [inside.get(edge.from) ?? edge.from, inside.get(edge.to) ?? edge.to];
    if (from === to) continue;
    const moved = from !== edge.from || to !== edge.to;
    const key = moved ? `${from}\n${to}` : '';
    const known = moved ? seen.get(key) : undefined;
    if (known) { known.critical ||= edge.critical; continue; }
    const points = moved ? straight(places.get(from), places.get(to)) : edge.points.map(([x, y]): [number, number] => (maps ? [maps.x(x), maps.y(y)] : [x, y]));
    if (points.length < 2) continue;
    const kept = { from, to, critical: edge.critical, points };
    if (moved) seen.set(key, kept);
    edges.push(kept);
  }
  return edges;
}

function straight(from: Box | undefined, to: Box | undefined): [number, number][] {
  if (!from || !to) return [];
  const [begin, end]: [[number, number], [number, number]] = [[from.x + from.w, from.y + from.h / 2], [to.x, to.y + to.h / 2]];
  const middle = (begin[0] + end[0]) / 2;
  return [begin, [middle, begin[1]], [middle, end[1]], end];
}
