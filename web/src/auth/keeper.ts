import type { Problem } from '../api/problem';

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** What asking for a new access cookie came to; with the problem where it is more than a session that is over. */
export type Renewal = { renewed: true; expiresIn: number } | { renewed: false; problem: Problem | null };

export interface KeeperParts {
  /** Shared by all tabs. It holds nothing that opens anything. */
  storage: Store;
  /** Has the cookies renewed. Rejects when the server could not answer. */
  renew(): Promise<Renewal>;
  /** Runs `work` while no other tab does: a refresh token may be used only once. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** A name for a sign-in that no other has. */
  newId(): string;
  now(): number;
}

export const SESSION_KEY = 'bellwether.session';
/** The access cookie is renewed this long before it ends, in milliseconds. */
const MARGIN = 30_000;
/** A session that is refused so soon after it began has lost its cookies, in milliseconds. */
const SOON = 60_000;

/** What is known here of the cookies, which no script can read. */
interface Mark {
  /** Names the sign-in: another one means another person or another team. */
  id: string;
  /** Counts the renewals. */
  turn: number;
  /** When the access cookie ends, in milliseconds since 1970. */
  until: number;
}

/** Why the last session ended, if nobody here ended it. */
export interface Farewell {
  /** What the server said, where that is more than that the session is over. */
  problem: Problem | null;
  /** It had only just begun: the browser has not kept its cookies. */
  noCookies: boolean;
}

/**
 * Whether someone is signed in, and until when the access cookie holds. The tokens themselves are in cookies that scripts
 * cannot read; all tabs share them, so all tabs share this mark. A request remembers the turn that it was sent in: when it
 * is refused and the turn is another by then, some tab has renewed already and nothing is spent twice.
 */
export class SessionKeeper {
  readonly #parts: KeeperParts;
  #renewal: Promise<string | null> | null = null;
  #farewell: Farewell | null = null;
  /** The session that this tab began, and when. */
  #began: { id: string; at: number } | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  get signedIn(): boolean {
    return this.#mark() !== null;
  }

  /** Names the sign-in; `null` when nobody is signed in. */
  get id(): string | null {
    return this.#mark()?.id ?? null;
  }

  /** The sign-in and how often it was renewed; `null` when nobody is signed in. */
  get current(): string | null {
    const mark = this.#mark();
    return mark === null ? null : turnOf(mark);
  }

  get farewell(): Farewell | null {
    return this.#farewell;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Call when storage changed outside of this object, as another tab does. */
  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** The server has just set cookies of a new session. */
  start({ expires_in }: { expires_in: number }): void {
    this.#farewell = null;
    const began = { id: this.#parts.newId(), at: this.#parts.now() };
    this.#began = began;
    this.#keep({ id: began.id, turn: 0, until: began.at + expires_in * 1000 });
  }

  end(farewell: Farewell | null = null): void {
    this.#farewell = farewell;
    this.#parts.storage.removeItem(SESSION_KEY);
    this.changed();
  }

  /** The turn to send a request in, after a renewal where one is due; `null` when signed out. */
  async turn(): Promise<string | null> {
    const mark = this.#mark();
    if (mark === null) return null;
    return mark.until - MARGIN > this.#parts.now() ? turnOf(mark) : this.renew(turnOf(mark));
  }

  /**
   * A turn other than `stale`; `null` when the session is over. Rejects when the server could not be reached, and then the
   * session goes on: being offline is not being signed out.
   */
  renew(stale: string): Promise<string | null> {
    const mark = this.#mark();
    if (mark !== null && turnOf(mark) !== stale) return Promise.resolve(turnOf(mark));
    this.#renewal ??= this.#parts
      .exclusively(() => this.#exchange(stale))
      .finally(() => {
        this.#renewal = null;
      });
    return this.#renewal;
  }

  async #exchange(stale: string): Promise<string | null> {
    // Read inside the lock: another tab may just have done it, or signed out.
    const before = this.#mark();
    if (before === null || turnOf(before) !== stale) return before === null ? null : turnOf(before);
    const answer = await this.#parts.renew();
    const after = this.#mark();
    // Signed out, or signed in anew, while the answer was under way.
    if (after?.id !== before.id) return after === null ? null : turnOf(after);
    if (!answer.renewed) {
      this.end({ problem: answer.problem, noCookies: answer.problem === null && this.#justBegan(before) });
      return null;
    }
    const next = { id: before.id, turn: before.turn + 1, until: this.#parts.now() + answer.expiresIn * 1000 };
    this.#keep(next);
    return turnOf(next);
  }

  #justBegan({ id, turn }: Mark): boolean {
    return turn === 0 && this.#began?.id === id && this.#parts.now() - this.#began.at < SOON;
  }

  #keep(mark: Mark): void {
    this.#parts.storage.setItem(SESSION_KEY, JSON.stringify(mark));
    this.changed();
  }

  #mark(): Mark | null {
    return readMark(this.#parts.storage.getItem(SESSION_KEY));
  }
}

const turnOf = (mark: Mark): string => `${mark.id}/${mark.turn}`;

function readMark(kept: string | null): Mark | null {
  try {
    const { id, turn, until } = JSON.parse(kept ?? '{}') as Partial<Record<keyof Mark, unknown>>;
    return typeof id === 'string' && typeof turn === 'number' && typeof until === 'number' ? { id, turn, until } : null;
  } catch {
    return null;
  }
}
