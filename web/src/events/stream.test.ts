import { describe, expect, it, vi } from 'vitest';
import { backoff, EventStream, type ServerEvent, type StreamState } from './stream';

/** A server that answers each connection with the next of its scripts. */
function play(...scripts: (Response | Error)[]) {
  const asked: (string | null)[] = [];
  const waits: number[] = [];
  const events: ServerEvent[] = [];
  const states: StreamState[] = [];
  let finish: () => void;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const stream = new EventStream({
    connect: async (lastEventId, signal) => {
      asked.push(lastEventId);
      const next = scripts.shift();
      if (next === undefined) {
        finish();
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      }
      if (next instanceof Error) throw next;
      return next;
    },
    onEvent: (event) => events.push(event),
    onState: (state) => {
      states.push(state);
      if (state === 'stopped') finish();
    },
    wait: async (ms) => {
      waits.push(ms);
    },
    random: () => 1,
  });
  stream.start();
  return { stream, asked, waits, events, states, finished };
}

const lines = (...chunks: string[]) => {
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
  return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
};

describe('EventStream', () => {
  it('reads events, also when they arrive in pieces and among comments', async () => {
    const { events, finished, stream } = play(
      lines(': hello\n\nid: 7\nevent: alert.rai', 'sed\ndata: {"id":"a"}\n\n', ': keep-alive\n\n'),
    );
    await finished;
    stream.stop();
    expect(events).toEqual([{ id: '7', kind: 'alert.raised', data: { id: 'a' } }]);
  });

  it('resumes after the last event it saw', async () => {
    const { asked, finished, stream } = play(
      lines('id: 7\ndata: {}\n\n'),
      new TypeError('network'),
      lines('id: 8\nevent: odd\ndata: no json\n\n'),
    );
    await finished;
    stream.stop();
    expect(asked).toEqual([null, '7', '7', '8']);
  });

  it('waits longer with every failure and short again after a success', async () => {
    const { waits, finished, stream } = play(
      new TypeError('network'),
      new TypeError('network'),
      new TypeError('network'),
      lines(': hello\n\n'),
      new TypeError('network'),
    );
    await finished;
    stream.stop();
    expect(waits).toEqual([1000, 2000, 4000, 1000, 2000]);
  });

  it('waits as long as the server asks', async () => {
    const { waits, finished, stream } = play(new Response(null, { status: 503, headers: { 'Retry-After': '17' } }));
    await finished;
    stream.stop();
    expect(waits).toEqual([17_000]);
  });

  it('takes the first delay from the stream', async () => {
    const { waits, finished, stream } = play(lines('retry: 200\n\n'));
    await finished;
    stream.stop();
    expect(waits).toEqual([200]);
  });

  it('stops when the person is refused', async () => {
    const { asked, states, finished } = play(new Response(null, { status: 401 }));
    await finished;
    expect(asked).toHaveLength(1);
    expect(states.at(-1)).toBe('stopped');
  });

  it('comes back after a long while to a team that is not let in', async () => {
    const { waits, asked, finished, stream } = play(new Response(null, { status: 403 }));
    await finished;
    stream.stop();
    expect(waits).toEqual([30_000]);
    expect(asked).toHaveLength(2);
  });

  it('ends the connection when told to stop', async () => {
    const { states, finished, stream } = play();
    await finished;
    stream.stop();
    await vi.waitFor(() => expect(states.at(-1)).toBe('stopped'));
  });

  it('drops a connection that has gone silent', async () => {
    vi.useFakeTimers();
    try {
      const { asked, stream, finished } = playSilent();
      await vi.advanceTimersByTimeAsync(61_000);
      await finished;
      stream.stop();
      expect(asked.length).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });
});

/** A server that accepts and then says nothing. As with `fetch`, the body fails when the signal aborts. */
function playSilent() {
  const asked: (string | null)[] = [];
  let finish: () => void;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const stream = new EventStream({
    connect: async (lastEventId, signal) => {
      asked.push(lastEventId);
      if (asked.length === 2) finish();
      return new Response(
        new ReadableStream({
          start(controller) {
            signal.addEventListener('abort', () => controller.error(signal.reason));
          },
        }),
      );
    },
    onEvent: () => undefined,
    wait: async () => undefined,
  });
  stream.start();
  return { asked, stream, finished };
}

describe('backoff', () => {
  it('grows to a limit and is spread', () => {
    expect(backoff(0, 1000, 0)).toBe(500);
    expect(backoff(0, 1000, 1)).toBe(1000);
    expect(backoff(30, 1000, 1)).toBe(30_000);
  });
});
