// What is drawn under the nodes: edges always, and from far away the nodes themselves as blocks. One canvas, because ten thousand
// elements would not move.
import type { Look, Tone } from '../../lib/states';
import type { Folded } from './fold';
import { POINT } from './reading';

export interface View { x: number; y: number; k: number }
export interface Colours { line: string; hot: string; card: string; tones: Record<Tone, string> }

/** So many arrows are one path: browsers draw a path of ten thousand of them much slower than as many short ones. */
const BUNDLE = 250;
/** Below this scale nobody sees that a corner is round. */
const ROUND = 0.25;

const SIGNS: Record<string, string> = { check: '✓', cross: '✕', ask: '?', run: '▸', eye: '▸', skip: '»', stop: '⊘', undo: '↶' };

/** The colours of the page as it is now: light or dark. */
export function coloursOf(element: HTMLElement): Colours {
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const read = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    line: read('edge-strong'), hot: read('accent'), card: read('card'),
    tones: { running: read('running'), done: read('done'), failed: read('failed'), asks: read('asks'), waiting: read('waiting') },
  };
  probe.remove();
  return colours;
}

export function paint(
  canvas: HTMLCanvasElement, width: number, height: number, view: View, graph: Folded, colours: Colours, look: (path: string) => Look, far: boolean, marked: ReadonlySet<string>,
): void {
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = canvas.getContext('2d');
  if (!pen) return;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  edges(pen, width, height, view, graph, colours);
  points(pen, width, height, view, graph, colours);
  if (far) blocks(pen, width, height, view, graph, colours, look, marked);
}

function edges(pen: CanvasRenderingContext2D, width: number, height: number, view: View, graph: Folded, colours: Colours): void {
  const { x, y, k } = view;
  for (const hot of [false, true]) {
    pen.beginPath();
    const tips: [number, number][] = [];
    pen.strokeStyle = hot ? colours.hot : colours.line;
    pen.globalAlpha = hot ? 1 : 0.6;
    pen.lineWidth = hot ? Math.max(1.5, 2.5 * Math.min(1, k)) : Math.max(0.5, 1.25 * Math.min(1, k));
    let count = 0;
    for (const edge of graph.edges) {
      if (edge.critical !== hot) continue;
      const [first, last] = [edge.points[0], edge.points.at(-1)];
      if (!first || !last) continue;
      const [left, right] = [Math.min(first[0], last[0]) * k + x, Math.max(first[0], last[0]) * k + x];
      if (right < -40 || left > width + 40) continue;
      if (!edge.points.some((point) => point[1] * k + y > -height && point[1] * k + y < 2 * height)) continue;
      pen.moveTo(first[0] * k + x, first[1] * k + y);
      // Corners are rounded as far as there is room.
      for (let at = 1; at < edge.points.length - 1; at += 1) {
        const [corner, next] = [edge.points[at], edge.points[at + 1]];
        if (corner && next && k < ROUND) pen.lineTo(corner[0] * k + x, corner[1] * k + y);
        else if (corner && next) pen.arcTo(corner[0] * k + x, corner[1] * k + y, next[0] * k + x, next[1] * k + y, Math.min(8, 10 * k));
      }
      pen.lineTo(last[0] * k + x, last[1] * k + y);
      tips.push([last[0] * k + x, last[1] * k + y]);
      count += 1;
      if (count % BUNDLE === 0) { pen.stroke(); pen.beginPath(); }
    }
    pen.stroke();
    if (k > 0.35) {
      pen.fillStyle = pen.strokeStyle;
      pen.beginPath();
      const size = 7 * Math.min(1, k);
      for (const [left, top] of tips) {
        pen.moveTo(left, top);
        pen.lineTo(left - size, top - size / 1.8);
        pen.lineTo(left - size, top + size / 1.8);
        pen.closePath();
      }
      pen.fill();
    }
    pen.globalAlpha = 1;
  }
}

/** Where arrows are gathered. */
function points(pen: CanvasRenderingContext2D, width: number, height: number, view: View, graph: Folded, colours: Colours): void {
  const { x, y, k } = view;
  for (const node of graph.nodes) {
    if (!node.path.startsWith(POINT)) continue;
    const [left, top] = [(node.x + node.w / 2) * k + x, (node.y + node.h / 2) * k + y];
    if (left < 0 || left > width || top < 0 || top > height) continue;
    pen.fillStyle = node.critical ? colours.hot : colours.line;
    pen.beginPath();
    pen.arc(left, top, Math.max(1, 4 * Math.min(1, k)), 0, 2 * Math.PI);
    pen.fill();
  }
}

function blocks(pen: CanvasRenderingContext2D, width: number, height: number, view: View, graph: Folded, colours: Colours, look: (path: string) => Look, marked: ReadonlySet<string>): void {
  const { x, y, k } = view;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  for (const node of graph.nodes) {
    if (node.path.startsWith(POINT)) continue;
    const [left, top, wide, tall] = [node.x * k + x, node.y * k + y, Math.max(2, node.w * k), Math.max(2, node.h * k)];
    if (left + wide < 0 || left > width || top + tall < 0 || top > height) continue;
    const state = look(node.path);
    pen.fillStyle = state.tone === 'waiting' ? colours.line : colours.tones[state.tone];
    pen.globalAlpha = state.tone === 'waiting' ? 0.45 : 1;
    pen.fillRect(left, top, wide, tall);
    pen.globalAlpha = 1;
    if (node.critical || marked.has(node.path)) {
      pen.strokeStyle = colours.hot;
      pen.lineWidth = marked.has(node.path) ? 3 : 1.5;
      pen.strokeRect(left - 1, top - 1, wide + 2, tall + 2);
    }
    const sign = SIGNS[state.sign];
    if (sign && tall >= 12) {
      pen.fillStyle = colours.card;
      pen.font = `bold ${Math.max(12, Math.min(16, tall * 0.7))}px sans-serif`;
      pen.fillText(sign, left + wide / 2, top + tall / 2 + 1);
    }
  }
}
