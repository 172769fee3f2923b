import type { ProfileChange } from '../../api/types';

/** The shortest password that the server takes. It has the last word; this only says so before it is asked. */
export const SHORTEST = 10;

export interface PasswordDraft {
  current: string;
  next: string;
  again: string;
}

export const EMPTY: PasswordDraft = { current: '', next: '', again: '' };

/** What stands in the way of a new password; `null` when nothing does. */
export function passwordFault(draft: PasswordDraft): 'short' | 'same' | 'differs' | null {
  if ([...draft.next].length < SHORTEST) return 'short';
  if (draft.next === draft.current) return 'same';
  return draft.next === draft.again ? null : 'differs';
}

export const passwordChange = (draft: PasswordDraft): ProfileChange => ({
  current_password: draft.current,
  new_password: draft.next,
});

/** The old address after all: one that waits to be confirmed is forgotten. */
export const withdrawal = (now: string, password: string): ProfileChange => ({ email: now, current_password: password });

/** A new address, or `null` where it is the one there is. */
export function addressChange(now: string, email: string, password: string): ProfileChange | null {
  const wanted = email.trim();
  return wanted === '' || wanted.toLowerCase() === now.toLowerCase() ? null : { email: wanted, current_password: password };
}
