import { api } from '../api/client';
import { queryClient } from '../api/query';
import { session } from './session';

/** Ends the session here at once and tells the server, which revokes the refresh token. */
export function signOut(): void {
  const refreshToken = session.refreshToken;
  session.end();
  queryClient.clear();
  if (refreshToken !== null) {
    // Nothing waits for it: without the server the token still ends by its own time.
    void api.POST('/api/v1/auth/logout', { body: { refresh_token: refreshToken } }).catch(() => undefined);
  }
}

/** Forgets one tenant's answers before another's are shown, also when another tab signed in. */
export function forgetOnTenantChange(): void {
  let tenant = session.identity?.tenantId ?? null;
  session.subscribe(() => {
    const next = session.identity?.tenantId ?? null;
    if (next !== null && tenant !== null && next !== tenant) queryClient.clear();
    tenant = next ?? (session.signedIn ? tenant : null);
  });
}
