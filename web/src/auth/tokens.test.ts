import { describe, expect, it, vi } from 'vitest';
import { readIdentity, Session } from './tokens';

const pair = (n: number) => ({ access_token: `access-${n}`, refresh_token: `refresh-${n}`, expires_in: 900 });

function store() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

function setUp(exchange: (token: string) => Promise<ReturnType<typeof pair> | null>) {
  const clock = { now: 0 };
  const swap = vi.fn(exchange);
  const parts = {
    storage: store(),
    tab: store(),
    exchange: swap,
    exclusively: <T>(work: () => Promise<T>) => work(),
    now: () => clock.now,
  };
  return { session: new Session(parts), parts, swap, clock };
}

describe('Session', () => {
  it('renews before the access token ends', async () => {
    const { session, swap, clock } = setUp(async () => pair(2));
    session.start(pair(1));
    expect(await session.token()).toBe('access-1');
    clock.now = 880_000;
    expect(await session.token()).toBe('access-2');
    expect(swap).toHaveBeenCalledExactlyOnceWith('refresh-1');
    expect(session.refreshToken).toBe('refresh-2');
  });

  it('lets many requests share one renewal', async () => {
    const { session, swap } = setUp(async () => pair(2));
    session.start(pair(1));
    const renewals = [session.renew('access-1'), session.renew('access-1'), session.renew('access-1')];
    expect(await Promise.all(renewals)).toEqual(['access-2', 'access-2', 'access-2']);
    // A request that was refused with the old token comes late: the new one is there already.
    expect(await session.renew('access-1')).toBe('access-2');
    expect(swap).toHaveBeenCalledTimes(1);
  });

  it('spends no refresh token on a reload', async () => {
    const { session, parts, swap } = setUp(async () => pair(2));
    session.start(pair(1));
    const reloaded = new Session(parts);
    expect(await reloaded.token()).toBe('access-1');
    expect(swap).not.toHaveBeenCalled();
    reloaded.end();
    expect(await new Session(parts).token()).toBeNull();
  });

  it('ends when the server refuses the refresh token', async () => {
    const { session } = setUp(async () => null);
    const told = vi.fn();
    session.start(pair(1));
    session.subscribe(told);
    expect(await session.renew('access-1')).toBeNull();
    expect(session.signedIn).toBe(false);
    expect(told).toHaveBeenCalled();
  });

  it('goes on when the server cannot be reached', async () => {
    const { session } = setUp(() => Promise.reject(new TypeError('network')));
    session.start(pair(1));
    await expect(session.renew('access-1')).rejects.toThrow('network');
    expect(session.signedIn).toBe(true);
  });

  it('does not sign in again when signed out during a renewal', async () => {
    let answer: (value: ReturnType<typeof pair>) => void = () => undefined;
    const { session } = setUp(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    session.start(pair(1));
    const renewal = session.renew('access-1');
    session.end();
    answer(pair(2));
    expect(await renewal).toBeNull();
    expect(session.signedIn).toBe(false);
  });
});

describe('readIdentity', () => {
  const token = (claims: object) =>
    `e30.${btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(claims)))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}.sig`;

  it('reads the tenant, in any script', () => {
    expect(readIdentity(token({ tenant_id: 't', tenant_slug: '小野', role: 'owner' }))).toEqual({
      tenantId: 't',
      tenant: '小野',
    });
  });

  it('makes nothing of what is no token', () => {
    expect(readIdentity('opaque')).toBeNull();
  });
});
