// Numbers, lengths and times as people read them, with units. Pure.

/** A length of time in the two largest units that matter: `3 s`, `4 m 05 s`, `2 h 10 m`, `3 d 4 h`. */
export function length(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return '–';
  const all = Math.max(0, Math.round(ms / 1000));
  if (ms > 0 && ms < 1000) return `${Math.max(1, Math.round(ms))} ms`;
  if (all < 60) return `${all} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  if (all < 3600) return `${Math.floor(all / 60)} m ${two(all % 60)} s`;
  const minutes = Math.floor(all / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}

/** An estimate: `~1 m`, `~2 h 30 m`. What is nought says nothing. */
export const about = (ms: number | null | undefined): string => `~${length(ms).replace(/ 00 [sm]$| 0 h$/, '')}`;

/** A countdown: `2:34`, `1:02:34`. */
export function clockLength(ms: number): string {
  const all = Math.max(0, Math.ceil(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor((all % 3600) / 60), all % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** How long ago, or in how long, in one unit. */
export function ago(at: number, now: number): string {
  const gap = now - at;
  const size = Math.abs(gap);
  const words = size < 60_000 ? `${Math.round(size / 1000)} s`
    : size < 3_600_000 ? `${Math.round(size / 60_000)} m`
    : size < 86_400_000 ? `${Math.round(size / 3_600_000)} h`
    : `${Math.round(size / 86_400_000)} d`;
  if (size < 5_000) return 'now';
  return gap >= 0 ? `${words} ago` : `in ${words}`;
}

// Each made once: browsers take longer to make one than to use it a hundred times.
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });
const MINUTES = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const SECONDS = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** A point in time in the viewer's own zone, with the zone. */
export const absolute = (at: number): string => WHOLE.format(at);

/** The time of day with its seconds. */
export const toTheSecond = (at: number): string => SECONDS.format(at);

/** The time of day, with the day where it is another one than today's. */
export function timeOfDay(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  const time = MINUTES.format(then);
  if (then.toDateString() === today.toDateString()) return time;
  const tomorrow = new Date(now + 86_400_000);
  if (then.toDateString() === tomorrow.toDateString()) return `tomorrow ${time}`;
  return `${DAY.format(then)}, ${time}`;
}

/** Money: cents below a thousand, whole dollars above. */
export function money(usd: number | null | undefined): string {
  if (usd === null || usd === undefined) return '–';
  if (usd > 0 && usd < 0.01) return '< $0.01';
  return usd < 1000 ? `$${usd.toFixed(2)}` : `$${Math.round(usd).toLocaleString('en-US')}`;
}

/** A count in at most four letters: `950`, `12.3k`, `2.1M`. */
export function amount(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (value < 1000) return String(value);
  if (value < 1_000_000) return `${(value / 1000).toFixed(value < 100_000 ? 1 : 0)}k`;
  return `${(value / 1_000_000).toFixed(1)}M`;
}

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (value < 1024) return `${value} B`;
  if (value < 1024 ** 2) return `${(value / 1024).toFixed(1)} KiB`;
  return `${(value / 1024 ** 2).toFixed(1)} MiB`;
}

/** Milliseconds since 1970 of an RFC 3339 time or of such a number; null for nothing. */
export function instant(time: string | number | null | undefined): number | null {
  if (time === null || time === undefined) return null;
  const at = typeof time === 'number' ? time : Date.parse(time);
  return Number.isFinite(at) ? at : null;
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;

/** A path's last part. */
export const leaf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);
