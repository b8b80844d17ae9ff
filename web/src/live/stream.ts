// One stream of server-sent events that comes back by itself: it says from which event on it goes on, waits longer after each
// failure, and takes a line that has been silent for too long for dead.
import { createParser } from 'eventsource-parser';

export type Link = 'connecting' | 'live' | 'offline' | 'refused' | 'over';
export interface Heard { id: string | null; kind: string; data: string }
export interface Streaming {
  url: string;
  last?: string | null;
  heard: (event: Heard) => void;
  link: (state: Link) => void;
}

/** The server says something at least every 15 seconds. */
const SILENCE = 40_000;
const LONGEST = 10_000;

/** Opens it; the answer closes it for good. */
export function stream(options: Streaming): () => void {
  let closed = false;
  let last = options.last ?? null;
  let failures = 0;
  let abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;

  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(), SILENCE);
  };

  async function listen(): Promise<void> {
    abort = new AbortController();
    watch();
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (last !== null) headers['Last-Event-ID'] = last;
    const response = await fetch(options.url, { headers, signal: abort.signal, cache: 'no-store' });
    if (response.status === 401 || response.status === 403 || response.status === 404) {
      closed = true;
      options.link('refused');
      return;
    }
    if (response.status === 204) {
      closed = true;
      options.link('over');
      return;
    }
    if (!response.ok || !response.body) throw new Error(`answered ${response.status}`);
    failures = 0;
    options.link('live');
    const parser = createParser({
      onEvent: (event) => {
        if (event.id !== undefined) last = event.id;
        options.heard({ id: event.id ?? null, kind: event.event ?? 'message', data: event.data });
      },
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      watch();
      parser.feed(value);
    }
  }

  function go(): void {
    clearTimeout(again);
    if (closed) return;
    listen()
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(timer);
        if (closed) return;
        failures += 1;
        options.link(failures > 1 || !navigator.onLine ? 'offline' : 'connecting');
        const pause = Math.min(LONGEST, 300 * 2 ** Math.min(failures, 6)) * (0.75 + Math.random() / 2);
        again = setTimeout(go, pause);
      });
  }

  const online = () => { if (failures > 0) { failures = 0; go(); } };
  const offline = () => { failures += 1; options.link('offline'); abort.abort(); };
  addEventListener('online', online);
  addEventListener('offline', offline);
  go();
  return () => {
    closed = true;
    removeEventListener('online', online);
    removeEventListener('offline', offline);
    clearTimeout(timer);
    clearTimeout(again);
    abort.abort();
  };
}
