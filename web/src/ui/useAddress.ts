import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

/**
 * What the address says after its question mark, and how to change some of it: an empty text takes a name out, names not
 * mentioned stay. What is chosen on a screen lives there, so that it can be kept and shared.
 */
export function useAddress<Name extends string>(): [URLSearchParams, (wanted: Partial<Record<Name, string>>) => void] {
  const [params, setParams] = useSearchParams();
  const change = useCallback(
    (wanted: Partial<Record<Name, string>>) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries<string | undefined>(wanted)) {
            if (value === undefined || value === '') next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true, preventScrollReset: true },
      ),
    [setParams],
  );
  return [params, change];
}
