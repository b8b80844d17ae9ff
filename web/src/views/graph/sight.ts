// Where the viewer stands before the graph: what is in sight, all of it, or as much as can be read. Pure.
import type { Box, Folded } from './fold';
import type { View } from './paint';

export interface Size { width: number; height: number }

/** Kept free around the graph, in pixels. */
const MARGIN = 40;
/** From here on whole names can be read. */
const READ = 0.8;

/** How large all of it can be. */
export const scaleOf = (graph: Folded, size: Size): number => Math.min((size.width - 2 * MARGIN) / graph.width, (size.height - 2 * MARGIN) / graph.height, 1.1);

/** All of it, in the middle. */
export function fitted(graph: Folded, size: Size): View {
  const k = Math.max(0.02, scaleOf(graph, size));
  return { k, x: (size.width - graph.width * k) / 2, y: (size.height - graph.height * k) / 2 };
}

/** A box in the middle, no smaller than now and so that it can be read. */
export function focused(box: Box, size: Size, now: number): View {
  const k = Math.max(now, 0.9);
  return { k, x: size.width / 2 - (box.x + box.w / 2) * k, y: size.height / 2 - (box.y + box.h / 2) * k };
}

/** As small as whole names can be read, and as much of it as there is room for, a task among that. */
export function settled(graph: Folded, size: Size, path: string | null): View {
  const node = graph.nodes.find((one) => one.path === path) ?? graph.nodes[0];
  const along = (room: number, whole: number, at: number): number =>
    whole * READ <= room - 2 * MARGIN ? (room - whole * READ) / 2 : Math.min(MARGIN, Math.max(room - MARGIN - whole * READ, room / 2 - at * READ));
  return { k: READ, x: along(size.width, graph.width, node ? node.x + node.w / 2 : 0), y: along(size.height, graph.height, node ? node.y + node.h / 2 : 0) };
}

/** Whether some of a box is on the screen, or this near to it, in pixels. */
export function isIn(box: Box, { x, y, k }: View, size: Size, slack = 0): boolean {
  return (box.x + box.w) * k + x > -slack && box.x * k + x < size.width + slack && (box.y + box.h) * k + y > -slack && box.y * k + y < size.height + slack;
}
