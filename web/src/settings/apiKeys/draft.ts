import type { ApiKey, NewApiKey, Scope } from '../../api/types';

/** What a key may be allowed. Whoever may make one may do all of it. */
export const SCOPES = ['read', 'write', 'crawl', 'admin'] as const satisfies readonly Scope[];

/** How long a key works, in days; `''`: until it is revoked. */
export const LIVES = ['30', '90', '365', ''] as const;

/** How long the old key goes on working after a rotation, in seconds. */
export const OVERLAPS = [0, 3_600, 86_400, 604_800, 2_592_000] as const;

export interface KeyDraft {
  name: string;
  scopes: Scope[];
  life: string;
  /** As typed: one a line, or with commas between. */
  addresses: string;
}

export const EMPTY: KeyDraft = { name: '', scopes: ['read'], life: '90', addresses: '' };

/** The addresses of a text, each once, in their order. */
export const addressesOf = (text: string): string[] => [...new Set(text.split(/[\s,;，；、]+/).filter((each) => each !== ''))];

const isIPv4 = (text: string) => /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255);

function isIPv6(text: string): boolean {
  if (!/^[\da-f:.]+$/i.test(text) || !text.includes(':')) return false;
  try {
    // The browser's own reading of an address.
    return new URL(`http://[${text}]/`).hostname.startsWith('[');
  } catch {
    return false;
  }
}

/** Whether a text is an address or a range of them (`10.0.0.0/8`). The server has the last word. */
export function isAddress(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : null;
  if (most === null || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
}

/** The first of a text's addresses that is none. */
export const badAddress = (text: string): string | null => addressesOf(text).find((each) => !isAddress(each)) ?? null;

/** What to ask for at an instant. */
export function keyOf(draft: KeyDraft, now: number): NewApiKey {
  const addresses = addressesOf(draft.addresses);
  return {
    name: draft.name.trim(),
    scopes: SCOPES.filter((scope) => draft.scopes.includes(scope)),
    ...(draft.life === '' ? {} : { expires_at: new Date(now + Number(draft.life) * 86_400_000).toISOString() }),
    ...(addresses.length === 0 ? {} : { allowed_addresses: addresses }),
  };
}

export type KeyState = 'active' | 'expiring' | 'expired' | 'replaced';

/** How a key stands at an instant: one that ends within a week says so, and so does one that another replaces. */
export function stateOf(key: Pick<ApiKey, 'expires_at' | 'rotated_to'>, now: number): KeyState {
  const end = key.expires_at == null ? Infinity : Date.parse(key.expires_at);
  if (end <= now) return 'expired';
  if (key.rotated_to != null) return 'replaced';
  return end - now < 7 * 86_400_000 ? 'expiring' : 'active';
}
