import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

/** Enough of a browser for the session: storage, and one lock at a time, which is not given twice. */
function browser() {
  const kept = new Map<string, string>();
  let queue: Promise<unknown> = Promise.resolve();
  vi.stubGlobal('window', {
    localStorage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    },
    addEventListener: () => undefined,
    location: new URL('http://localhost/'),
  });
  vi.stubGlobal('navigator', {
    locks: {
      request: (_: string, work: () => Promise<unknown>) => {
        const next = queue.then(work);
        queue = next.catch(() => undefined);
        return next;
      },
    },
  });
}

beforeEach(() => {
  vi.resetModules();
  browser();
});
afterEach(() => vi.unstubAllGlobals());

describe('enter', () => {
  it('lets no renewal of the session before come between the new cookies and their session', async () => {
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (path: string) => {
      asked.push(path);
      return Response.json({ expires_in: 900 });
    });
    const { enter } = await import('./actions');
    const { session } = await import('./session');
    session.start({ expires_in: 900 });
    const before = session.current;
    let renewal: Promise<string | null> | null = null;
    await enter(async () => {
      // While the answer is under way. It is not waited for: it waits itself.
      renewal = session.renew(before ?? '');
      return { expires_in: 900 };
    });
    // It finds another session and leaves its cookies alone.
    expect(await renewal).toBe(session.current);
    expect(session.current).not.toBe(before);
    expect(asked).toEqual([]);
  });
});

describe('followSession', () => {
  it('asks for the profile anew after a renewal, and forgets everything with the session', async () => {
    vi.stubGlobal('fetch', async () => Response.json({ expires_in: 900 }));
    const { followSession } = await import('./actions');
    const { session } = await import('./session');
    const { queryClient } = await import('../api/query');
    const { keys } = await import('../api/keys');
    session.start({ expires_in: 900 });
    followSession();
    queryClient.setQueryData(keys.profile(), { role: 'admin' });
    queryClient.setQueryData(keys.members(), []);
    await session.renew(session.current ?? '');
    expect(queryClient.getQueryState(keys.profile())?.isInvalidated).toBe(true);
    expect(queryClient.getQueryState(keys.members())?.isInvalidated).toBe(false);
    session.end();
    expect(queryClient.getQueryData(keys.members())).toBeUndefined();
  });
});
