import { api, openApi, unwrap } from '../api/client';
import { asProblem, Problem } from '../api/problem';
import type { SignedIn } from '../api/types';
import { enter } from './actions';
import { baseOf, handoffAddress, signInAddress } from './place';
import { session } from './session';

/**
 * Goes to another team of the same person: to its own address where teams have one, and with new cookies otherwise.
 * `from` is the team whose address this may be.
 */
export async function switchTo(slug: string, from: string): Promise<'here' | 'leaving'> {
  const base = baseOf(window.location.host, from);
  if (base === null) {
    // Renewed before, as nothing can be while a session begins.
    const turn = await session.turn();
    try {
      await enter(() => swap(slug));
    } catch (error) {
      if (turn === null || asProblem(error).status !== 401 || (await session.renew(turn)) === null) throw error;
      await enter(() => swap(slug));
    }
    return 'here';
  }
  // Cookies belong to one host, so this one hands over: a code that works once, at the other host only.
  const answer = await unwrap(api.POST('/api/v1/auth/switch', { body: { slug, handoff: true } }));
  if (!('handoff' in answer)) throw new Problem({ status: 500 });
  window.location.assign(handoffAddress(window.location.protocol, base, slug, answer.handoff));
  return 'leaving';
}

/** Has the cookies swapped for those of another team. */
async function swap(slug: string): Promise<SignedIn> {
  const answer = await unwrap(openApi.POST('/api/v1/auth/switch', { body: { slug } }));
  if ('expires_in' in answer) return answer;
  throw new Problem({ status: 500 });
}

/**
 * Goes on after the team itself has got another address: with cookies that name it. Where teams have hosts of their own,
 * nobody can be taken along before every service knows the new one; then it is where to sign in there.
 */
export async function follow(slug: string, from: string): Promise<string | null> {
  const base = baseOf(window.location.host, from);
  if (base !== null) return signInAddress(window.location.protocol, base, slug);
  const turn = await session.turn();
  if (turn !== null) await session.renew(turn);
  return null;
}
