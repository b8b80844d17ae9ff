// Where the viewer is, as the address says it: every view is a link that can be sent to somebody.

interface Place { parts: string[]; query: URLSearchParams }

const read = (): Place => ({
  parts: location.pathname.split('/').filter(Boolean).map(decoded),
  query: new URLSearchParams(location.search),
});

function decoded(part: string): string {
  try { return decodeURIComponent(part); } catch { return part; }
}

class Router {
  #place = $state.raw<Place>(read());

  get parts(): string[] { return this.#place.parts; }
  get query(): URLSearchParams { return this.#place.query; }

  constructor() {
    addEventListener('popstate', () => { this.#place = read(); });
    document.addEventListener('click', (event) => this.#click(event));
  }

  go(to: string, how: 'push' | 'replace' = 'push'): void {
    if (how === 'push') history.pushState(null, '', to); else history.replaceState(null, '', to);
    this.#place = read();
  }

  /** Changes single words of the query and leaves the rest; null takes one away. */
  with(changes: Record<string, string | null>): string {
    const query = new URLSearchParams(this.#place.query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) query.delete(name); else query.set(name, value);
    }
    const text = query.toString();
    return location.pathname + (text ? `?${text}` : '');
  }

  set(changes: Record<string, string | null>, how: 'push' | 'replace' = 'replace'): void { this.go(this.with(changes), how); }

  #click(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.pathname.startsWith('/api/') || link.getAttribute('href')?.startsWith('#')) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
    if (link.dataset['keep'] === undefined) scrollTo(0, 0);
  }
}

export const router = new Router();

/** The address of a view of a run. */
export const runLink = (run: string, view = '', query = ''): string =>
  `/runs/${encodeURIComponent(run)}${view && view !== 'board' ? `/${view}` : ''}${query ? `?${query}` : ''}`;
