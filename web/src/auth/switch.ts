import { api, unwrap } from '../api/client';
import { Problem } from '../api/problem';
import { enter } from './actions';
import { baseOf, handoffAddress } from './place';
import { session } from './session';

/**
 * Goes to another team of the same person: to its own address where teams have one, and with new cookies otherwise.
 * `from` is the team whose address this may be.
 */
export async function switchTo(slug: string, from: string): Promise<'here' | 'leaving'> {
  const base = baseOf(window.location.host, from);
  if (base === null) {
    await enter(async () => {
      const answer = await unwrap(api.POST('/api/v1/auth/switch', { body: { slug } }));
      if ('expires_in' in answer) return answer;
      throw new Problem({ status: 500 });
    });
    return 'here';
  }
  // Cookies belong to one host, so this one hands over: a code that works once, at the other host only.
  const answer = await unwrap(api.POST('/api/v1/auth/switch', { body: { slug, handoff: true } }));
  if (!('handoff' in answer)) throw new Problem({ status: 500 });
  window.location.assign(handoffAddress(window.location.protocol, base, slug, answer.handoff));
  return 'leaving';
}

/** Goes on after the team itself has got another address: to its new host, or with cookies that name it. */
export async function follow(slug: string, from: string): Promise<void> {
  const base = baseOf(window.location.host, from);
  if (base === null) {
    const turn = await session.turn();
    if (turn !== null) await session.renew(turn);
    return;
  }
  try {
    await switchTo(slug, from);
  } catch {
    // The new host asks to sign in, which works in any case.
    window.location.assign(`${window.location.protocol}//${slug}.${base}/sign-in`);
  }
}
