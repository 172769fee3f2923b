import type { Alert } from '../api/types';

/** A part of a page that changed: a text, or so many things that are now so many. */
export type ContentChange =
  | { kind: 'text'; before: string | null; after: string | null }
  | { kind: 'images' | 'features'; before: number; after: number };

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const countOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

/** The changes of a page that can be said shortly; fields that are newer than this page are left out. */
export function contentChanges(changes: NonNullable<Alert['changes']>): ContentChange[] {
  return changes.flatMap(({ field, before, after }): ContentChange[] => {
    if (field === 'title') return [{ kind: 'text', before: textOf(before), after: textOf(after) }];
    if (field === 'images' || field === 'features') return [{ kind: field, before: countOf(before), after: countOf(after) }];
    return [];
  });
}
