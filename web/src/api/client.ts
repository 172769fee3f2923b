import createClient, { type FetchResponse } from 'openapi-fetch';
import { session } from '../auth/session';
import { asProblem, problemFrom } from './problem';
import type { paths } from './types';

function withToken(request: Request, token: string | null): Request {
  if (token !== null) request.headers.set('Authorization', `Bearer ${token}`);
  return request;
}

/** `fetch` with the session's access token; a 401 renews the token once and asks again. */
export async function authorizedFetch(request: Request): Promise<Response> {
  const token = await session.token();
  const response = await fetch(withToken(request.clone(), token));
  if (response.status !== 401) return response;
  const renewed = await session.renew(token);
  return renewed === null ? response : fetch(withToken(request, renewed));
}

export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: authorizedFetch });

/** The body of a successful answer; throws a `Problem` otherwise. */
export async function unwrap<T extends Record<string | number, unknown>, O, M extends `${string}/${string}`>(
  pending: Promise<FetchResponse<T, O, M>>,
) {
  let result: FetchResponse<T, O, M>;
  try {
    result = await pending;
  } catch (error) {
    throw asProblem(error);
  }
  if (result.response.ok) return result.data as NonNullable<typeof result.data>;
  throw problemFrom(result.response.status, result.error, result.response.headers);
}

/** A fresh value for `Idempotency-Key`: a retried create is carried out once. */
export function idempotencyKey(): string {
  // randomUUID exists only on secure origins; a plain-HTTP intranet address is none.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
