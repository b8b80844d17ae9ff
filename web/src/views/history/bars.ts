// Runs of one plan as bars: how long each took, how it ended, what is usual. Pure.
import type { RunRow } from '../../api/types';
import { isOpen } from '../../lib/states';

export interface Bar { row: RunRow; ms: number; part: number; open: boolean }
/** `top` is the longest, in milliseconds; `usual` the median of those that have ended, where there are enough to have one. */
export interface Bars { bars: Bar[]; top: number; usual: number | null }

/** From rows in any order to bars, the oldest first, at most so many of the newest. */
export function barsOf(rows: readonly RunRow[], most: number, now: number): Bars {
  const newest = byAge(rows).slice(-Math.max(1, most));
  const times = newest.map((row) => (isOpen(row.state) ? Math.max(0, now - Date.parse(row.created)) : (row.took_ms ?? row.length_ms)));
  const top = Math.max(1, ...times);
  const bars = newest.map((row, at) => ({ row, ms: times[at] ?? 0, part: (times[at] ?? 0) / top, open: isOpen(row.state) }));
  const ended = bars.filter((bar) => !bar.open && bar.row.state !== 'cancelled').map((bar) => bar.ms);
  return { bars, top, usual: ended.length > 2 ? median(ended) : null };
}

/** The oldest first. Lists have the newest first, which decides where two began in the same second. */
export const byAge = (rows: readonly RunRow[]): RunRow[] => rows.toReversed().toSorted((one, other) => Date.parse(one.created) - Date.parse(other.created));

export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

export interface PlanRuns { plan: string; rows: RunRow[]; newest: RunRow; failed: number }

/** Plans that ran more than once, the one that ran last first. Of the runs of others there is nothing to compare. */
export function plansOf(rows: readonly RunRow[]): PlanRuns[] {
  const found = new Map<string, RunRow[]>();
  for (const row of rows) {
    const list = found.get(row.plan);
    if (list) list.push(row); else found.set(row.plan, [row]);
  }
  return [...found].flatMap(([plan, list]) => {
    const newest = byAge(list).at(-1);
    return newest && plan && list.length > 1 ? [{ plan, rows: list, newest, failed: list.filter((row) => row.state === 'failed' || row.state === 'over_budget').length }] : [];
  }).toSorted((one, other) => Date.parse(other.newest.last) - Date.parse(one.newest.last));
}
