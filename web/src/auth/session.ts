import type { TokenPair } from '../api/types';
import { REFRESH_KEY, Session } from './tokens';

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
  storage: window.localStorage,
  tab: window.sessionStorage,
  exchange,
  exclusively,
  now: () => Date.now(),
});

window.addEventListener('storage', (event) => {
  if (event.key === REFRESH_KEY || event.key === null) session.changed();
});
