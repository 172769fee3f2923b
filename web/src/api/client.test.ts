import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

/** A browser with just what the client touches, and a server that answers from a script. */
function browser() {
  const kept = new Map<string, string>();
  vi.stubGlobal('window', {
    location: { origin: 'http://localhost' },
    localStorage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    },
    addEventListener: () => undefined,
  });
  vi.stubGlobal('navigator', {});
  const asked: { path: string; headers: Headers; body: string }[] = [];
  let valid = false;
  let renewable = true;
  vi.stubGlobal('fetch', async (input: Request | string, init?: RequestInit) => {
    const request = new Request(typeof input === 'string' ? `http://localhost${input}` : input, init);
    const path = new URL(request.url).pathname;
    asked.push({ path, headers: request.headers, body: await request.text() });
    if (path === '/api/v1/auth/refresh') {
      if (!renewable) return Response.json({}, { status: 401 });
      valid = true;
      return Response.json({ expires_in: 900 });
    }
    return valid ? Response.json({ ok: true }) : Response.json({}, { status: 401 });
  });
  return { asked, refuse: () => (renewable = false) };
}

beforeEach(() => void vi.resetModules());
afterEach(() => void vi.unstubAllGlobals());

const post = () => new Request('http://localhost/api/v1/trackings', { method: 'POST', body: '{"a":1}' });

describe('authorizedFetch', () => {
  it('has the cookies renewed at a 401 and sends the same request again', async () => {
    const { asked } = browser();
    const { authorizedFetch } = await import('./client');
    const { session } = await import('../auth/session');
    session.start({ expires_in: 900 });
    expect((await authorizedFetch(post())).status).toBe(200);
    expect(asked.map(({ path }) => path)).toEqual(['/api/v1/trackings', '/api/v1/auth/refresh', '/api/v1/trackings']);
    expect(asked.map(({ body }) => body)).toEqual(['{"a":1}', '{}', '{"a":1}']);
    expect(session.signedIn).toBe(true);
  });

  it('tells the server that a page asks, and holds no token that it could send', async () => {
    const { asked } = browser();
    const { authorizedFetch } = await import('./client');
    const { session } = await import('../auth/session');
    session.start({ expires_in: 900 });
    await authorizedFetch(post());
    expect(asked.every(({ headers }) => headers.get('X-Bellwether-Page') === '1' && !headers.has('Authorization'))).toBe(true);
  });

  it('ends the session when the server does not renew it', async () => {
    const { asked, refuse } = browser();
    refuse();
    const { authorizedFetch } = await import('./client');
    const { session } = await import('../auth/session');
    session.start({ expires_in: 900 });
    expect((await authorizedFetch(post())).status).toBe(401);
    expect(asked).toHaveLength(2);
    expect(session.signedIn).toBe(false);
  });

  it('renews nothing for somebody who is not signed in', async () => {
    const { asked } = browser();
    const { authorizedFetch } = await import('./client');
    expect((await authorizedFetch(post())).status).toBe(401);
    expect(asked).toHaveLength(1);
  });
});
