import createClient, { type FetchResponse } from 'openapi-fetch';
import { PAGE_HEADER } from '../auth/plain';
import { randomText } from '../auth/random';
import { session } from '../auth/session';
import { asProblem, problemFrom } from './problem';
import type { paths } from './types';

function fromPage(request: Request): Request {
  request.headers.set(PAGE_HEADER, '1');
  return request;
}

/** `fetch` with the session's cookies; a 401 has them renewed, once for all tabs, and asks again. */
export async function authorizedFetch(request: Request): Promise<Response> {
  const turn = await session.turn();
  const response = await fetch(fromPage(request.clone()));
  if (response.status !== 401 || turn === null) return response;
  return (await session.renew(turn)) === null ? response : fetch(fromPage(request));
}

export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: authorizedFetch });

/** For what is open to everybody: a 401 here is about what was typed, not about a session. */
export const openApi = createClient<paths>({ baseUrl: window.location.origin, fetch: (request) => fetch(fromPage(request)) });

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
export const idempotencyKey = randomText;
