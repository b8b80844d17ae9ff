// A part of a log as the server gives it. Pure.
import type { LogPart } from '../../api/types';
import type { Piece } from './lines';

export interface Page { pieces: Piece[]; offset: number; next: number; size: number; end: boolean }

export const logPage = (part: LogPart): Page => ({
  pieces: part.chunks.map((chunk) => ({ stream: chunk.stream, at: chunk.at_ms, text: chunk.text })),
  offset: part.offset,
  next: part.next_offset,
  size: part.size,
  end: part.end,
});
