// What people write as lengths of time, money and counts, as `band` takes them on its command line. Pure.

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90m`, `8h`, `1h 30m`, `2d`; null for what is no length. */
export function readLength(text: string): number | null {
  const parts = [...text.trim().toLowerCase().matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*/gy)];
  const read = parts.reduce((sum, part) => sum + part[0].length, 0);
  if (parts.length === 0 || read !== text.trim().length) return null;
  return Math.round(parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0));
}

/** US dollars of `40`, `$40`, `2.50 USD`. */
export function readMoney(text: string): number | null {
  const found = /^\$?\s*(\d+(?:\.\d+)?)\s*(?:usd)?$/i.exec(text.trim());
  return found ? Number(found[1]) : null;
}

/** A count: `200000`, `200k`, `5M`. */
export function readCount(text: string): number | null {
  const found = /^(\d+(?:\.\d+)?)\s*([km]?)$/i.exec(text.trim().replace(/[,_]/g, ''));
  if (!found) return null;
  return Math.round(Number(found[1]) * ({ k: 1e3, m: 1e6 }[(found[2] ?? '').toLowerCase()] ?? 1));
}

/** A length as it can be written again: `90m`, `1h30m`. */
export function writeLength(ms: number): string {
  const parts = (['d', 'h', 'm', 's', 'ms'] as const).reduce<{ left: number; words: string }>((sum, unit) => {
    const count = Math.floor(sum.left / (UNITS[unit] ?? 1));
    return count === 0 ? sum : { left: sum.left - count * (UNITS[unit] ?? 1), words: `${sum.words}${count}${unit}` };
  }, { left: Math.round(ms), words: '' });
  return parts.words || '0s';
}
