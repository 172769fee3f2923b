import { type TokenPair } from '../api/types';

/** What the page knows of the signed-in person, read from the access token for display only. */
export interface Identity {
  tenantId: string | null;
  tenant: string | null;
  email: string | null;
  role: string | null;
}

export interface SessionParts {
  /** Keeps the refresh token between visits. */
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** Swaps a refresh token for new tokens; `null` when the server no longer accepts it. */
  exchange(refreshToken: string): Promise<TokenPair | null>;
  /** Runs `work` while no other tab does: a refresh token may be used only once. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  now(): number;
}

const KEY = 'bellwether.refresh';
/** An access token is renewed this long before it ends, in milliseconds. */
const MARGIN = 30_000;

/**
 * The tokens of this tab. The access token lives in memory only; the refresh token is kept in
 * storage and rotated. All requests that find the access token stale share one renewal.
 */
export class Session {
  #parts: SessionParts;
  #access: { token: string; expiresAt: number; identity: Identity | null } | null = null;
  #renewal: Promise<string | null> | null = null;
  #listeners = new Set<() => void>();

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Whether someone is signed in, as far as this browser knows. */
  get signedIn(): boolean {
    return this.#parts.storage.getItem(KEY) !== null;
  }

  get refreshToken(): string | null {
    return this.#parts.storage.getItem(KEY);
  }

  get identity(): Identity | null {
    return this.#access?.identity ?? null;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Call when storage changed outside of this object, as another tab does. */
  changed(): void {
    if (!this.signedIn) this.#access = null;
    for (const listener of this.#listeners) listener();
  }

  start(pair: TokenPair): void {
    this.#access = {
      token: pair.access_token,
      expiresAt: this.#parts.now() + pair.expires_in * 1000,
      identity: readIdentity(pair.access_token),
    };
    this.#parts.storage.setItem(KEY, pair.refresh_token);
    this.changed();
  }

  end(): void {
    this.#access = null;
    this.#parts.storage.removeItem(KEY);
    this.changed();
  }

  /** A usable access token, renewed first when it is about to end; `null` when signed out. */
  async token(): Promise<string | null> {
    if (this.#access !== null && this.#access.expiresAt - MARGIN > this.#parts.now()) return this.#access.token;
    return this.signedIn ? this.renew(this.#access?.token ?? null) : null;
  }

  /**
   * A token other than `stale`; `null` when the session is over. Rejects when the server could not
   * be reached, and then the session goes on: being offline is not being signed out.
   */
  renew(stale: string | null): Promise<string | null> {
    if (this.#access !== null && this.#access.token !== stale) return Promise.resolve(this.#access.token);
    this.#renewal ??= this.#parts
      .exclusively(() => this.#exchange())
      .finally(() => {
        this.#renewal = null;
      });
    return this.#renewal;
  }

  async #exchange(): Promise<string | null> {
    // Read inside the lock: another tab may just have rotated it.
    const refreshToken = this.#parts.storage.getItem(KEY);
    if (refreshToken === null) {
      this.end();
      return null;
    }
    const pair = await this.#parts.exchange(refreshToken);
    // Signed out, or signed in as someone else, while the answer was under way.
    if (this.#parts.storage.getItem(KEY) !== refreshToken) return this.#access?.token ?? null;
    if (pair === null) {
      this.end();
      return null;
    }
    this.start(pair);
    return pair.access_token;
  }
}

const asText = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);

/** Reads the claims of a JWT without checking it: the server checks, the page only shows. */
export function readIdentity(token: string): Identity | null {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    return {
      tenantId: asText(claims['tenant_id']),
      tenant: asText(claims['tenant_name']) ?? asText(claims['tenant_slug']) ?? asText(claims['tenant']),
      email: asText(claims['email']),
      role: asText(claims['role']),
    };
  } catch {
    return null;
  }
}

async function exchange(refreshToken: string): Promise<TokenPair | null> {
  const response = await fetch('/api/v1/auth/refresh', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ refresh_token: refreshToken }),
  });
  if (response.ok) return (await response.json()) as TokenPair;
  // Only a clear refusal ends the session; a failing or overloaded server does not.
  if ([400, 401, 403, 404, 422].includes(response.status)) return null;
  throw new Error(`refresh answered ${response.status}`);
}

function exclusively<T>(work: () => Promise<T>): Promise<T> {
  // Web Locks exist only on secure origins; without them one tab's own single flight must do.
  const locks = (navigator as { locks?: LockManager }).locks;
  return locks === undefined ? work() : (locks.request('bellwether.refresh', work) as Promise<T>);
}

export const session = new Session({
  storage: globalThis.localStorage,
  exchange,
  exclusively,
  now: () => Date.now(),
});

if (typeof window !== 'undefined') {
  window.addEventListener('storage', (event) => {
    if (event.key === KEY || event.key === null) session.changed();
  });
}
