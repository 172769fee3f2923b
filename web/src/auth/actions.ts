import { keys } from '../api/keys';
import { queryClient } from '../api/query';
import type { SignedIn } from '../api/types';
import { ONCE } from './once';
import { Leaving } from './leaving';
import { postPlainly } from './plain';
import { exclusively, session } from './session';

const leaving = new Leaving({
  storage: window.localStorage,
  leave: () => postPlainly('/api/v1/auth/logout'),
  exclusively,
});

/** Ends the session in every tab at once, and has the server end it and clear the cookies. */
export function signOut(): void {
  session.end();
  void leaving.begin();
}

/** Finishes a sign-out that the server has not heard of, now and whenever the network comes back. */
export function finishSignOut(): void {
  void leaving.finish();
  window.addEventListener('online', () => void leaving.finish());
}

/**
 * Begins the session whose cookies `answer` brings. A sign-out still under way goes first, or it would clear them; and a
 * renewal in another tab waits, or its cookies, of the session before, would take the place of the new ones. So `answer`
 * must not renew anything itself.
 */
export async function enter(answer: () => Promise<SignedIn>): Promise<void> {
  await leaving.finish();
  await exclusively(async () => {
    const signedIn = await answer();
    leaving.settle();
    session.start(signedIn);
  });
}

/**
 * Forgets a team's answers when its session ends and before another's are shown, whichever tab did it. A renewed session
 * may have another role: the profile is asked for anew.
 */
export function followSession(): void {
  let { id, current } = session;
  session.subscribe(() => {
    const before = { id, current };
    ({ id, current } = session);
    if (id !== before.id) {
      // What a link asked for is nobody's answer, and may be what began this session.
      queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== ONCE });
    } else if (current !== before.current) {
      // One that is under way is left alone: it may be what had the session renewed, and would go round in a circle.
      void queryClient.invalidateQueries({ queryKey: keys.profile() }, { cancelRefetch: false });
    }
  });
}
