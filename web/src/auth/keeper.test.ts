import { describe, expect, it, vi } from 'vitest';
import { Problem } from '../api/problem';
import { type Renewal, SessionKeeper } from './keeper';

function store() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

/** One browser: tabs share its storage, its clock and its lock. */
function browser(renew: () => Promise<Renewal> = async () => ({ renewed: true, expiresIn: 900 })) {
  const clock = { now: 0 };
  const asked = vi.fn(renew);
  let ids = 0;
  let queue: Promise<unknown> = Promise.resolve();
  const parts = {
    storage: store(),
    renew: asked,
    exclusively: <T>(work: () => Promise<T>): Promise<T> => {
      const next = queue.then(work);
      queue = next.catch(() => undefined);
      return next;
    },
    newId: () => `s${(ids += 1)}`,
    now: () => clock.now,
  };
  return { tab: () => new SessionKeeper(parts), asked, clock, parts };
}

describe('SessionKeeper', () => {
  it('renews before the access cookie ends', async () => {
    const { tab, asked, clock } = browser();
    const session = tab();
    session.start({ expires_in: 900 });
    expect(await session.turn()).toBe('s1/0');
    expect(asked).not.toHaveBeenCalled();
    clock.now = 880_000;
    expect(await session.turn()).toBe('s1/1');
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('lets many requests share one renewal', async () => {
    const { tab, asked } = browser();
    const session = tab();
    session.start({ expires_in: 900 });
    expect(await Promise.all([session.renew('s1/0'), session.renew('s1/0'), session.renew('s1/0')])).toEqual(['s1/1', 's1/1', 's1/1']);
    // A request that was refused in the old turn comes late: it was renewed already.
    expect(await session.renew('s1/0')).toBe('s1/1');
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('renews once for all tabs', async () => {
    const { tab, asked } = browser();
    const [first, second] = [tab(), tab()];
    first.start({ expires_in: 900 });
    expect(await Promise.all([first.renew('s1/0'), second.renew('s1/0')])).toEqual(['s1/1', 's1/1']);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('is signed out in every tab at once', async () => {
    const { tab, asked } = browser();
    const [first, second] = [tab(), tab()];
    first.start({ expires_in: 900 });
    expect(second.signedIn).toBe(true);
    first.end();
    expect(second.signedIn).toBe(false);
    expect(await second.renew('s1/0')).toBeNull();
    expect(asked).not.toHaveBeenCalled();
  });

  it('names every sign-in anew, so that one team is not taken for another', () => {
    const { tab } = browser();
    const session = tab();
    session.start({ expires_in: 900 });
    const before = session.id;
    session.start({ expires_in: 900 });
    expect(session.id).not.toBe(before);
  });

  it('ends when the server refuses, and keeps its problem', async () => {
    const problem = new Problem({ status: 403, tenantStatus: 'suspended' });
    const { tab } = browser(async () => ({ renewed: false, problem }));
    const session = tab();
    const told = vi.fn();
    session.start({ expires_in: 900 });
    session.subscribe(told);
    expect(await session.renew('s1/0')).toBeNull();
    expect(session.signedIn).toBe(false);
    expect(session.farewell).toEqual({ problem, noCookies: false });
    expect(told).toHaveBeenCalled();
    session.start({ expires_in: 900 });
    expect(session.farewell).toBeNull();
  });

  it('knows a browser that keeps no cookies from a session that is over', async () => {
    const { tab, clock } = browser(async () => ({ renewed: false, problem: null }));
    const session = tab();
    session.start({ expires_in: 900 });
    await session.renew('s1/0');
    expect(session.farewell).toEqual({ problem: null, noCookies: true });
    session.start({ expires_in: 900 });
    clock.now = 120_000;
    await session.renew('s2/0');
    expect(session.farewell).toEqual({ problem: null, noCookies: false });
    // Another tab cannot tell when it began.
    session.start({ expires_in: 900 });
    const other = tab();
    await other.renew('s3/0');
    expect(other.farewell).toEqual({ problem: null, noCookies: false });
  });

  it('goes on when the server cannot be reached', async () => {
    const { tab } = browser(() => Promise.reject(new TypeError('network')));
    const session = tab();
    session.start({ expires_in: 900 });
    await expect(session.renew('s1/0')).rejects.toThrow('network');
    expect(session.signedIn).toBe(true);
  });

  it('does not sign in again when signed out during a renewal', async () => {
    let answer: (value: Renewal) => void = () => undefined;
    const { tab, asked } = browser(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const session = tab();
    session.start({ expires_in: 900 });
    const renewal = session.renew('s1/0');
    await vi.waitFor(() => expect(asked).toHaveBeenCalled());
    session.end();
    answer({ renewed: true, expiresIn: 900 });
    expect(await renewal).toBeNull();
    expect(session.signedIn).toBe(false);
  });

  it('takes what it cannot read in storage for signed out', () => {
    const { tab, parts } = browser();
    parts.storage.setItem('bellwether.session', '{"id":1}');
    expect(tab().signedIn).toBe(false);
    parts.storage.setItem('bellwether.session', 'no json');
    expect(tab().signedIn).toBe(false);
  });
});
