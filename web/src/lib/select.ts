// What somebody writes to choose tasks: words that must be in them, `+api` for a task with everything that it needs, `api+` for one with everything
// that hangs on it, `+api+` for both. Pure.
import type { Placed } from '../api/types';

export interface Around { name: string; up: boolean; down: boolean }
export interface Selection { words: string[]; around: Around[] }

const AROUND = /^(\+?)([\w][\w.-]*)(\+?)$/;

export function readSelection(text: string): Selection {
  const found: Selection = { words: [], around: [] };
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const [, up, name, down] = AROUND.exec(word) ?? [];
    if (name !== undefined && (up || down)) found.around.push({ name, up: up === '+', down: down === '+' });
    else found.words.push(word.toLowerCase());
  }
  return found;
}

/** Tasks that are named, by path, by its end, or by a group that they are in, and what they need or what hangs on them, however far. */
export function aroundIn(around: readonly Around[], graph: Pick<Placed, 'nodes' | 'edges'>): Set<string> {
  const tasks = new Map(graph.nodes.flatMap((node) => (node.task === null ? [] : [[node.id, node.task] as const])));
  const before = new Map<number, number[]>();
  const after = new Map<number, number[]>();
  const add = (map: Map<number, number[]>, from: number, to: number): void => { const list = map.get(from); if (list) list.push(to); else map.set(from, [to]); };
  for (const edge of graph.edges) {
    add(after, edge.from, edge.to);
    add(before, edge.to, edge.from);
  }
  const found = new Set<string>();
  for (const { name, up, down } of around) {
    const own = [...tasks].filter(([, path]) => path === name || path.endsWith(`.${name}`) || path.startsWith(`${name}.`)).map(([id]) => id);
    for (const map of [...(up ? [before] : []), ...(down ? [after] : [])]) {
      const seen = new Set(own);
      const rest = [...own];
      for (let id = rest.pop(); id !== undefined; id = rest.pop()) {
        const path = tasks.get(id);
        if (path !== undefined) found.add(path);
        for (const next of map.get(id) ?? []) if (!seen.has(next)) { seen.add(next); rest.push(next); }
      }
    }
  }
  return found;
}
