import { api, unwrap } from '../api/client';
import { Problem } from '../api/problem';
import { enter } from './actions';
import { baseOf, handoffAddress } from './place';

/**
 * Goes to another team of the same person: to its own address where teams have one, and with new cookies otherwise.
 * `from` is the team whose address this may be.
 */
export async function switchTo(slug: string, from: string): Promise<'here' | 'leaving'> {
  const base = baseOf(window.location.host, from);
  if (base === null) {
    await enter(() => unwrap(api.POST('/api/v1/auth/switch', { body: { slug } })));
    return 'here';
  }
  // Cookies belong to one host, so this one hands over: a code that works once, at the other host only.
  const { handoff } = await unwrap(api.POST('/api/v1/auth/switch', { body: { slug, handoff: true } }));
  if (handoff == null) throw new Problem({ status: 500 });
  window.location.assign(handoffAddress(window.location.protocol, base, slug, handoff));
  return 'leaving';
}
