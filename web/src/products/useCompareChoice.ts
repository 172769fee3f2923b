import { useCallback, useState } from 'react';
import { useLocation } from 'react-router';
import type { Product } from '../api/types';
import { toggled } from '../compare/choice';

/** The products ticked for a comparison; `null` while nobody is choosing. A link may begin it, with some ticked already. */
export function useCompareChoice() {
  const { state } = useLocation();
  const [ids, setIds] = useState<readonly Product['id'][] | null>(() => fromState(state));
  const toggle = useCallback((id: Product['id']) => setIds((before) => toggled(before ?? [], id)), []);
  return { ids, toggle, start: () => setIds([]), stop: () => setIds(null) };
}

function fromState(state: unknown): Product['id'][] | null {
  const { compare } = (state ?? {}) as { compare?: unknown };
  return Array.isArray(compare) ? compare.filter((id) => Number.isSafeInteger(id)) : null;
}
