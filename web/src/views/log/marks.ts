// The words that were searched for, within the pieces of a line. Pure.
import type { Piece } from '../../lib/ansi';

export interface Marked extends Piece { hit: boolean }

/** Pieces cut where the words begin and end; words that go over the border of two pieces are marked in both. */
export function marked(pieces: readonly Piece[], words: string): Marked[] {
  const wanted = words.toLowerCase();
  const whole = pieces.map((piece) => piece.text).join('');
  const low = whole.toLowerCase();
  // Letters whose small form has another length would shift every place behind them.
  if (!wanted || low.length !== whole.length) return pieces.map((piece) => ({ ...piece, hit: false }));
  const cuts: [from: number, to: number][] = [];
  for (let at = low.indexOf(wanted); at !== -1; at = low.indexOf(wanted, at + wanted.length)) cuts.push([at, at + wanted.length]);
  const found: Marked[] = [];
  let begin = 0;
  for (const piece of pieces) {
    const end = begin + piece.text.length;
    let at = begin;
    for (const [from, to] of cuts) {
      if (to <= at || from >= end) continue;
      if (from > at) found.push({ text: whole.slice(at, from), classes: piece.classes, hit: false });
      found.push({ text: whole.slice(Math.max(from, at), Math.min(to, end)), classes: piece.classes, hit: true });
      at = Math.min(to, end);
    }
    if (at < end) found.push({ text: whole.slice(at, end), classes: piece.classes, hit: false });
    begin = end;
  }
  return found;
}
