// The only place that speaks with the server. Errors come as problems that say what to do.

import type { Trouble as Whole } from './types';

/** What the server says that is wrong; what the page finds itself has no type. */
export type Trouble = Pick<Whole, 'title' | 'status'> & Partial<Whole>;

export class Problem extends Error {
  constructor(readonly trouble: Trouble) { super(trouble.detail ?? trouble.title); }
  get status(): number { return this.trouble.status; }
}

const BASE = '/api/v1';
export const url = (path: string): string => BASE + path;

async function answer<T>(request: Promise<Response>): Promise<T> {
  let response: Response;
  try {
    response = await request;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new Problem({ title: 'the server does not answer', hint: 'is `band serve` still running?', status: 0 });
  }
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  let body: unknown = null;
  try { body = text ? JSON.parse(text) : null; } catch { /* not JSON: the status says enough */ }
  if (!response.ok) {
    const said = body && typeof body === 'object' ? (body as Partial<Trouble>) : {};
    throw new Problem({ title: `the server answered ${response.status}`, ...said, status: response.status });
  }
  return body as T;
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  answer<T>(fetch(url(path), { headers: { Accept: 'application/json' }, ...(signal ? { signal } : {}) }));

export async function text(path: string): Promise<string> {
  const response = await fetch(url(path)).catch(() => null);
  if (!response?.ok) throw new Problem({ title: 'this could not be read', status: response?.status ?? 0 });
  return response.text();
}

export const send = <T>(method: 'POST' | 'DELETE' | 'PUT', path: string, body?: unknown): Promise<T> =>
  answer<T>(fetch(url(path), {
    method,
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }));

/** What is to be shown of something that was thrown. */
export function trouble(thrown: unknown): Trouble {
  if (thrown instanceof Problem) return thrown.trouble;
  return { title: 'the page made a mistake', detail: thrown instanceof Error ? thrown.message : String(thrown), status: -1 };
}
