import { problemFrom } from '../api/problem';
import { postPlainly } from './plain';
import { type Renewal, SESSION_KEY, SessionKeeper } from './keeper';
import { randomText } from './random';

async function renew(): Promise<Renewal> {
  const response = await postPlainly('/api/v1/auth/refresh');
  if (response.ok) {
    const { expires_in: expiresIn } = (await response.json()) as { expires_in: number };
    return { renewed: true, expiresIn };
  }
  // Only a clear refusal ends the session; a failing or overloaded server does not.
  if (![400, 401, 403, 404, 422].includes(response.status)) throw new Error(`refresh answered ${response.status}`);
  const problem = problemFrom(response.status, await response.json().catch(() => null));
  // That a session is over needs no reason; that a team may not be used, or a request was not the page's, does.
  return { renewed: false, problem: response.status === 403 ? problem : null };
}

/** Runs `work` while no other tab does anything of the kind. */
export function exclusively<T>(work: () => Promise<T>): Promise<T> {
  // Web Locks exist only on secure origins; without them one tab's own single flight must do.
  const locks = (navigator as { locks?: LockManager }).locks;
  return locks === undefined ? work() : (locks.request('bellwether.session', work) as Promise<T>);
}

export const session = new SessionKeeper({
  storage: window.localStorage,
  renew,
  exclusively,
  newId: randomText,
  now: () => Date.now(),
});

// Earlier versions of the page kept tokens where scripts can read them.
window.localStorage.removeItem('bellwether.refresh');

window.addEventListener('storage', (event) => {
  if (event.key === SESSION_KEY || event.key === null) session.changed();
});
