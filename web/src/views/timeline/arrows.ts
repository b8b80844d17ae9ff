// Arrows between the rows of the timeline: from the end of what is needed to the beginning of what needs it. Pure.
import type { Row } from './reading';

export interface Arrow { from: number; to: number; fromRow: number; toRow: number; kind: 'need' | 'follows' | 'critical'; key: string }

/** More of one task are not drawn: they would be a blot. */
export const MOST = 60;

/** Where a row begins and ends: by what happened, else by the plan; null if neither is known. */
export function reach(row: Row, now: number): { from: number; to: number } | null {
  const [first, last] = [row.tries[0], row.tries.at(-1)];
  if (first && last) return { from: first.from, to: last.to ?? now };
  return row.planned;
}

/** Of one task. A phase stands for its row, another group for its tasks; what has no row here, or no time, has no arrow. */
export function arrowsOf(rows: readonly Row[], task: string, needs: readonly string[], neededBy: readonly string[], now: number): Arrow[] {
  const places = placesOf(rows);
  const found: Arrow[] = [];
  const add = (from: string, to: string, kind: Arrow['kind']): void => {
    const one = found.length < MOST ? arrow(rows, places, from, to, kind, now) : null;
    if (one) found.push(one);
  };
  for (const need of needs) {
    if (places.has(need)) add(need, task, 'need');
    else for (const row of rows) if (row.path.startsWith(`${need}.`)) add(row.path, task, 'need');
  }
  // The end of what the task itself is in hangs on it, too: that has no place of its own in a timeline.
  for (const other of neededBy) if (!isWithin(task, other)) add(task, other, 'follows');
  return found;
}

export const isWithin = (task: string, group: string): boolean => task.startsWith(`${group}.`);

/** Along a chain of tasks, each of which needs the one before. */
export function chainOf(rows: readonly Row[], chain: readonly string[], now: number): Arrow[] {
  const places = placesOf(rows);
  const here = chain.filter((path) => places.has(path));
  return here.slice(1).flatMap((path, at) => arrow(rows, places, here[at] ?? '', path, 'critical', now) ?? []);
}

const made = new WeakMap<readonly Row[], Map<string, number>>();
/** Of ten thousand rows this is not made for every move of the pointer. */
function placesOf(rows: readonly Row[]): Map<string, number> {
  const known = made.get(rows) ?? new Map(rows.map((row, at) => [row.path, at]));
  made.set(rows, known);
  return known;
}

function arrow(rows: readonly Row[], places: ReadonlyMap<string, number>, from: string, to: string, kind: Arrow['kind'], now: number): Arrow | null {
  const [fromRow, toRow] = [places.get(from), places.get(to)];
  if (fromRow === undefined || toRow === undefined || fromRow === toRow) return null;
  const [before, after] = [rows[fromRow], rows[toRow]];
  const [ends, begins] = [before && reach(before, now), after && reach(after, now)];
  return ends && begins ? { from: ends.to, to: begins.from, fromRow, toRow, kind, key: `${kind} ${from} ${to}` } : null;
}

/** Its line and its head, between points of the screen: along the first row, down or up, and into the second one's left side; where there is
 * no room before that, into its top or bottom. */
export function drawn(x1: number, y1: number, x2: number, y2: number, turns: 'early' | 'late' = 'early'): { line: string; head: string } {
  const [down, radius] = [y2 > y1 ? 1 : -1, Math.min(5, Math.abs(y2 - y1) / 2)];
  if (x2 - x1 < 18) {
    const at = x2 + 4;
    const begin = at < x1 ? `M${at} ${y1 + 6 * down}` : `M${x1} ${y1}H${at}`;
    return { line: `${begin}V${y2 - 12 * down}`, head: `M${at} ${y2 - 6 * down}l-3.5 ${-6 * down}h7z` };
  }
  // Arrows of one task have one trunk: where they all come to, or where they all come from.
  const [end, turn] = [x2 - 5, turns === 'late' ? x2 - 11 : x1 + 10];
  return { line: `M${x1} ${y1}H${turn - radius}q${radius} 0 ${radius} ${down * radius}V${y2 - down * radius}q0 ${down * radius} ${radius} ${down * radius}H${end}`, head: `M${x2} ${y2}l-6 -3.5v7z` };
}
