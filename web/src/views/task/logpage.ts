// A page of a log as the server gives it. Pure.
import { instant } from '../../lib/format';
import type { Piece } from './lines';

export interface Page { pieces: Piece[]; offset: number; next: number; size: number; end: boolean }
interface Raw { stream?: string; at?: string | number | null; at_ms?: number | null; text?: string }

export function logPage(answer: unknown): Page {
  const raw = answer as { chunks?: Raw[]; offset?: number; next_offset?: number; size?: number; end?: boolean };
  const next = raw.next_offset ?? 0;
  return {
    pieces: (raw.chunks ?? []).map((chunk) => ({ stream: chunk.stream ?? 'stdout', at: instant(chunk.at) ?? chunk.at_ms ?? null, text: chunk.text ?? '' })),
    offset: raw.offset ?? 0,
    next,
    size: raw.size ?? next,
    end: raw.end ?? true,
  };
}
