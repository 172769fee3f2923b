import { useEffect } from 'react';
import { useLocation, useNavigate } from 'react-router';

/** A name's value behind the `#`; `null` when it is missing, empty or longer than any secret of ours. */
export function inFragment(hash: string, name: string): string | null {
  const value = new URLSearchParams(hash.replace(/^#/, '')).get(name)?.trim() ?? '';
  return value === '' || value.length > 512 ? null : value;
}

/**
 * A secret of a link. It leaves the address bar at once, being nobody's business who looks over a shoulder, and is kept
 * beside the address, so that loading the page again does not lose it.
 */
export function useFragment(name: string): string | null {
  const location = useLocation();
  const navigate = useNavigate();
  const kept = (location.state as Record<string, unknown> | null)?.[name];
  const secret = inFragment(location.hash, name) ?? (typeof kept === 'string' ? kept : null);
  useEffect(() => {
    if (location.hash !== '') void navigate(location.pathname, { replace: true, state: { [name]: secret } });
  }, [location.hash, location.pathname, name, navigate, secret]);
  return secret;
}
