// The lines of a run's log as they were read: in batches, each of which knows the place where it begins, so that any line can be found again
// and what is far above may be forgotten. Pure.
import type { RunLine } from '../api/types';

/** `start` is the server's name of the place before its first line; null is the beginning of everything. */
export interface Batch { start: string | null; lines: readonly RunLine[] }
export interface LogLine { id: string; line: RunLine }

/** More lines than these are not kept: who scrolls back reads them again. */
export const KEPT = 60_000;

/** How a line is named in an address: the place where its batch begins, and its number in that. */
export const idOf = (start: string | null, at: number): string => `${start ?? ''}~${at}`;

export function readId(id: string): { start: string | null; at: number } | null {
  const cut = id.lastIndexOf('~');
  const at = Number(id.slice(cut + 1));
  return cut === -1 || !Number.isInteger(at) || at < 0 ? null : { start: id.slice(0, cut) || null, at };
}

const made = new WeakMap<Batch, LogLine[]>();
/** Each batch is made into lines once: while a log is followed, it is only the last one that is new. */
export const flat = (batches: readonly Batch[]): LogLine[] => batches.flatMap((batch) => {
  const known = made.get(batch) ?? batch.lines.map((line, at) => ({ id: idOf(batch.start, at), line }));
  made.set(batch, known);
  return known;
});

export const count = (batches: readonly Batch[]): number => batches.reduce((sum, batch) => sum + batch.lines.length, 0);

/** Without whole batches above, as long as enough is left. */
export function trimmed(batches: readonly Batch[], most = KEPT): readonly Batch[] {
  let [from, left] = [0, count(batches)];
  for (; from < batches.length - 1; from += 1) {
    const size = batches[from]?.lines.length ?? 0;
    if (left - size < most) break;
    left -= size;
  }
  return from === 0 ? batches : batches.slice(from);
}
