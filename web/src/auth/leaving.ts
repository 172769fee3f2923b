type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const LEAVING_KEY = 'bellwether.leaving';

export interface LeavingParts {
  /** Remembers over a reload, for all tabs. */
  storage: Store;
  /** Has the server end the session and clear the cookies. Rejects when it could not be reached. */
  leave(): Promise<{ status: number }>;
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Signing out, until the server has done it. Only the server can clear the cookies; without a connection they would stay
 * in the browser, so what was begun is remembered and tried again.
 */
export class Leaving {
  readonly #parts: LeavingParts;
  #attempt: Promise<void> | null = null;

  constructor(parts: LeavingParts) {
    this.#parts = parts;
  }

  get pending(): boolean {
    return this.#parts.storage.getItem(LEAVING_KEY) !== null;
  }

  begin(): Promise<void> {
    this.#parts.storage.setItem(LEAVING_KEY, '1');
    return this.finish();
  }

  /** Resolves when nothing is left to do, or nothing can be done now. Never rejects. */
  finish(): Promise<void> {
    if (!this.pending) return Promise.resolve();
    this.#attempt ??= this.#parts
      .exclusively(() => this.#try())
      .catch(() => undefined)
      .finally(() => {
        this.#attempt = null;
      });
    return this.#attempt;
  }

  /** New cookies have taken the place of those that were to go. */
  settle(): void {
    this.#parts.storage.removeItem(LEAVING_KEY);
  }

  async #try(): Promise<void> {
    if (!this.pending) return;
    const { status } = await this.#parts.leave();
    // A refusal says that there is no such session any more. A failing server is asked again later.
    if (status < 500 && status !== 429) this.settle();
  }
}
