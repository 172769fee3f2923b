/** Tells the server that a page asks: tokens are answered as cookies, and never in a body. */
export const PAGE_HEADER = 'X-Bellwether-Page';

/** Posts with nothing but the cookies, which say it all. */
export function postPlainly(path: string): Promise<Response> {
  return fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', [PAGE_HEADER]: '1' },
    body: '{}',
  });
}
