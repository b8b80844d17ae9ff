// From times to places and back; where the marks of an axis stand. Pure.

export interface Span { from: number; to: number }

const STEPS = [
  100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000,
  21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000,
];

/** Round times within a span, about `count` of them, in the viewer's zone. */
export function ticks(span: Span, count: number): number[] {
  const wanted = (span.to - span.from) / Math.max(1, count);
  const step = STEPS.find((one) => one >= wanted) ?? (STEPS.at(-1) as number) * Math.ceil(wanted / (STEPS.at(-1) as number));
  const zone = new Date(span.from).getTimezoneOffset() * 60_000;
  const found: number[] = [];
  for (let at = Math.ceil((span.from - zone) / step) * step + zone; at <= span.to; at += step) found.push(at);
  return found;
}

export function label(at: number, span: Span): string {
  const wide = span.to - span.from;
  const options: Intl.DateTimeFormatOptions = wide > 2 * 86_400_000 ? { day: 'numeric', month: 'short' }
    : wide > 20 * 60_000 ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
    : wide > 5_000 ? { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }
    : { minute: '2-digit', second: '2-digit', fractionalSecondDigits: 1, hourCycle: 'h23' };
  return new Intl.DateTimeFormat(undefined, options).format(at);
}

/** Where a time stands, in percent of the span. */
export const place = (at: number, span: Span): number => (100 * (at - span.from)) / Math.max(1, span.to - span.from);

/** Larger or smaller around a time, never under a fifth of a second nor over four times of all. */
export function zoomed(span: Span, factor: number, around: number, all: Span): Span {
  const wide = Math.min(4 * (all.to - all.from), Math.max(200, (span.to - span.from) * factor));
  const part = (around - span.from) / Math.max(1, span.to - span.from);
  return { from: around - part * wide, to: around + (1 - part) * wide };
}
