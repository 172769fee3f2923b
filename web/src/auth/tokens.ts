import type { TokenPair } from '../api/types';

/** What the page knows of the signed-in person, read from the access token for display only. */
export interface Identity {
  tenantId: string | null;
  tenant: string | null;
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export interface SessionParts {
  /** Keeps the refresh token between visits, for all tabs. */
  storage: Store;
  /** Keeps the access token of this tab over a reload. */
  tab: Store;
  /** Swaps a refresh token for new tokens; `null` when the server no longer accepts it. */
  exchange(refreshToken: string): Promise<TokenPair | null>;
  /** Runs `work` while no other tab does: a refresh token may be used only once. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  now(): number;
}

export const REFRESH_KEY = 'bellwether.refresh';
const ACCESS = 'bellwether.access';
/** An access token is renewed this long before it ends, in milliseconds. */
const MARGIN = 30_000;

interface Access {
  token: string;
  /** In milliseconds since 1970. */
  expiresAt: number;
  identity: Identity | null;
}

/**
 * The tokens of this tab. The refresh token is kept in storage and rotated: the server takes each
 * once, and ends the whole session when one comes twice. Therefore the short-lived access token
 * survives a reload; without that, every reload would spend a refresh token, and one that is cut
 * off by the next reload would end the session. All requests that find the access token stale
 * share one renewal.
 */
export class Session {
  #parts: SessionParts;
  #access: Access | null;
  #renewal: Promise<string | null> | null = null;
  #listeners = new Set<() => void>();

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#access = readAccess(parts.tab.getItem(ACCESS));
  }

  /** Whether someone is signed in, as far as this browser knows. */
  get signedIn(): boolean {
    return this.#parts.storage.getItem(REFRESH_KEY) !== null;
  }

  get refreshToken(): string | null {
    return this.#parts.storage.getItem(REFRESH_KEY);
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
    if (!this.signedIn) this.#keep(null);
    for (const listener of this.#listeners) listener();
  }

  start(pair: TokenPair): void {
    this.#keep({
      token: pair.access_token,
      expiresAt: this.#parts.now() + pair.expires_in * 1000,
      identity: readIdentity(pair.access_token),
    });
    this.#parts.storage.setItem(REFRESH_KEY, pair.refresh_token);
    this.changed();
  }

  end(): void {
    this.#keep(null);
    this.#parts.storage.removeItem(REFRESH_KEY);
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

  #keep(access: Access | null): void {
    this.#access = access;
    if (access === null) this.#parts.tab.removeItem(ACCESS);
    else this.#parts.tab.setItem(ACCESS, JSON.stringify([access.token, access.expiresAt]));
  }

  async #exchange(): Promise<string | null> {
    // Read inside the lock: another tab may just have rotated it.
    const refreshToken = this.#parts.storage.getItem(REFRESH_KEY);
    if (refreshToken === null) {
      this.end();
      return null;
    }
    const pair = await this.#parts.exchange(refreshToken);
    // Signed out, or signed in as someone else, while the answer was under way.
    if (this.#parts.storage.getItem(REFRESH_KEY) !== refreshToken) return this.#access?.token ?? null;
    if (pair === null) {
      this.end();
      return null;
    }
    this.start(pair);
    return pair.access_token;
  }
}

function readAccess(kept: string | null): Access | null {
  try {
    const [token, expiresAt] = JSON.parse(kept ?? '[]') as unknown[];
    if (typeof token !== 'string' || typeof expiresAt !== 'number') return null;
    return { token, expiresAt, identity: readIdentity(token) };
  } catch {
    return null;
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
      tenant: asText(claims['tenant_slug']),
    };
  } catch {
    return null;
  }
}
