/**
 * The part of a host that all teams share, where the page runs at a team's own address: `localhost:8080` of
 * `acme.localhost:8080`. `null` where it does not: teams then share one address.
 */
export function baseOf(host: string, slug: string): string | null {
  const rest = host.toLowerCase().startsWith(`${slug}.`) ? host.slice(slug.length + 1) : '';
  const name = rest.replace(/:\d+$/, '');
  // A number's end is no domain, and neither is a single word, but for the one that always means this machine.
  if (!name.includes('.') && name !== 'localhost') return null;
  return /\.\d+$/.test(name) ? null : rest;
}

/** Where a team takes over somebody who is signed in at another. The code stays behind the `#`, which no server is sent. */
export function handoffAddress(protocol: string, base: string, slug: string, code: string): string {
  return `${protocol}//${slug}.${base}/handoff#code=${encodeURIComponent(code)}`;
}

/** Where to sign in to a team that has a host of its own. */
export const signInAddress = (protocol: string, base: string, slug: string): string => `${protocol}//${slug}.${base}/sign-in`;

/** The team that a host may be that of; empty when it names none. A guess: `watch.example.com` may be all teams' own. */
export function slugIn(hostname: string): string {
  const labels = hostname.toLowerCase().split('.');
  const enough = labels.at(-1) === 'localhost' ? 2 : 3;
  const [first = ''] = labels;
  return labels.length < enough || first === 'www' || /^\d+$/.test(labels.at(-1) ?? '') ? '' : first;
}

/** What is behind the team that a host may be that of; `null` when it names none. As sure as `slugIn`. */
export function baseBehind(host: string): string | null {
  const slug = slugIn(host.replace(/:\d+$/, ''));
  return slug === '' ? null : baseOf(host, slug);
}
