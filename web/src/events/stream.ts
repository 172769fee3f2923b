import { createParser, type EventSourceMessage } from 'eventsource-parser';

export interface ServerEvent {
  id: string | null;
  kind: string;
  data: unknown;
}

/** `waiting` is between two tries; `stopped` will not try again by itself. */
export type StreamState = 'connecting' | 'open' | 'waiting' | 'stopped';

export interface StreamParts {
  /** Asks for the stream; `lastEventId` is where to resume. */
  connect(lastEventId: string | null, signal: AbortSignal): Promise<Response>;
  onEvent(event: ServerEvent): void;
  onState?(state: StreamState): void;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  wait?(ms: number, signal: AbortSignal): Promise<void>;
  /** In [0, 1); spreads the reconnections of many pages. */
  random?(): number;
}

const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 30_000;
/** The server says something, if only a comment, well within this; silence means a dead connection. */
const SILENCE = 60_000;

/** The answer was no stream. */
class Refused extends Error {
  readonly status: number;
  readonly retryAfter: number | null;

  constructor(response: Response) {
    super(`the event stream answered ${response.status}`);
    this.status = response.status;
    const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
    this.retryAfter = Number.isFinite(seconds) ? seconds * 1000 : null;
  }
}

/** Exponential with full jitter over its upper half, so that the first try is soon and none are together. */
export function backoff(attempt: number, first: number, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY, first * 2 ** attempt);
  return ceiling / 2 + (ceiling / 2) * random;
}

/**
 * A server-sent event stream over fetch, which unlike EventSource tells why it was refused, so that
 * the cookies can be renewed. It reconnects for ever, resumes after the last event seen, and gives up only when
 * the server refuses the person.
 */
export class EventStream {
  readonly #parts: Required<StreamParts>;
  #lastEventId: string | null = null;
  #stop: AbortController | null = null;
  #nap: AbortController | null = null;
  #firstDelay = FIRST_DELAY;

  constructor(parts: StreamParts) {
    this.#parts = { onState: () => undefined, wait: sleep, random: Math.random, ...parts };
  }

  start(): void {
    if (this.#stop !== null) return;
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = null;
    this.#nap?.abort();
  }

  /** Tries again now instead of at the end of the delay: the network came back. */
  wake(): void {
    this.#nap?.abort();
  }

  async #run(stop: AbortSignal): Promise<void> {
    let attempt = 0;
    while (!stop.aborted) {
      this.#parts.onState('connecting');
      let delay: number | null = null;
      try {
        await this.#listen(stop, () => {
          attempt = 0;
        });
      } catch (error) {
        if (stop.aborted) break;
        if (error instanceof Refused) {
          if (error.status === 401) break;
          // A suspended team may be let in again, but not within seconds.
          delay = error.status === 403 ? LONGEST_DELAY : error.retryAfter;
        }
      }
      if (stop.aborted) break;
      this.#parts.onState('waiting');
      this.#nap = new AbortController();
      const pause = Math.max(delay ?? 0, backoff(attempt, this.#firstDelay, this.#parts.random()));
      await this.#parts.wait(pause, this.#nap.signal);
      attempt += 1;
    }
    this.#parts.onState('stopped');
    if (this.#stop?.signal === stop) this.#stop = null;
  }

  /** One connection, from asking to its end. */
  async #listen(stop: AbortSignal, onAlive: () => void): Promise<void> {
    const connection = new AbortController();
    const signal = AbortSignal.any([stop, connection.signal]);
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => connection.abort(), SILENCE);
    };
    const parser = createParser({
      onEvent: (message) => this.#take(message),
      onRetry: (ms) => {
        this.#firstDelay = Math.min(Math.max(ms, 100), LONGEST_DELAY);
      },
    });
    try {
      heard();
      const response = await this.#parts.connect(this.#lastEventId, signal);
      if (!response.ok || response.body === null) throw new Refused(response);
      this.#parts.onState('open');
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        heard();
        onAlive();
        parser.feed(value);
      }
    } finally {
      clearTimeout(watchdog);
      connection.abort();
    }
  }

  #take(message: EventSourceMessage): void {
    if (message.id !== undefined && message.id !== '') this.#lastEventId = message.id;
    let data: unknown;
    try {
      data = JSON.parse(message.data);
    } catch {
      return; // An event that is no JSON is none of ours; its id still counts.
    }
    this.#parts.onEvent({ id: message.id ?? null, kind: message.event ?? 'message', data });
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
