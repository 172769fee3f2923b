import { api } from '../api/client';
import { queryClient } from '../api/query';
import { session } from './session';

/** Ends the session here at once and tells the server, which revokes the refresh token. */
export function signOut(): void {
  const refreshToken = session.refreshToken;
  session.end();
  if (refreshToken !== null) {
    // Nothing waits for it: without the server the token still ends by its own time.
    void api.POST('/api/v1/auth/logout', { body: { refresh_token: refreshToken } }).catch(() => undefined);
  }
}

/** Forgets a tenant's answers when its session ends and before another's are shown, whichever tab did it. */
export function forgetOtherTenants(): void {
  let tenant = session.identity?.tenantId ?? null;
  session.subscribe(() => {
    const next = session.identity?.tenantId ?? null;
    if (!session.signedIn || (next !== null && tenant !== null && next !== tenant)) queryClient.clear();
    tenant = next ?? tenant;
  });
}
