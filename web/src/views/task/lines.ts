// From pieces of output, cut anywhere, to lines. Each stream is put together by itself; of a line that is longer than anybody reads only
// the beginning is kept, and how much more there was. Pure.

export interface Piece { stream: string; at: number | null; text: string }
export interface Line { key: number; stream: string; at: number | null; text: string; more: number }

/** Of one line so many letters are kept. */
export const KEPT = 64 * 1024;

export class Lines {
  #open = new Map<string, Line>();
  #next = 0;
  /** Complete lines, and the ones that are still being written at their end. */
  all: Line[] = [];

  /** Adds what came later. */
  push(pieces: readonly Piece[]): void {
    for (const piece of pieces) this.#one(piece);
    // A new list, so that whoever shows it sees that it changed.
    this.all = [...this.all];
  }

  /** These lines, then `later` ones, which were read before: a line that goes on there is one again. */
  before(later: readonly Line[]): Line[] {
    const rest = [...later];
    const mine = this.all.filter((line) => {
      if (this.#open.get(line.stream) !== line) return true;
      const at = rest.findIndex((other) => other.stream === line.stream);
      const other = rest[at];
      if (!other) return true;
      const whole = { ...other, at: line.at, text: line.text, more: line.more };
      append(whole, other.text);
      whole.more += other.more;
      rest[at] = whole;
      return false;
    });
    return [...mine, ...rest];
  }

  #one(piece: Piece): void {
    let from = 0;
    while (from < piece.text.length) {
      const found = piece.text.indexOf('\n', from);
      const end = found === -1 ? piece.text.length : found;
      const line = this.#open.get(piece.stream) ?? this.#begin(piece);
      append(line, piece.text.slice(from, end));
      if (found === -1) return;
      this.#open.delete(piece.stream);
      from = found + 1;
    }
  }

  #begin(piece: Piece): Line {
    const line: Line = { key: this.#next++, stream: piece.stream, at: piece.at, text: '', more: 0 };
    this.#open.set(piece.stream, line);
    this.all.push(line);
    return line;
  }
}

function append(line: Line, text: string): void {
  const room = KEPT - line.text.length;
  if (room <= 0) line.more += text.length;
  else {
    line.text += text.slice(0, room);
    line.more += Math.max(0, text.length - room);
  }
}
