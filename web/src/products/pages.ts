/** The items of pages as one list: of what moved from one page to the next while they were read, the first counts. */
export function inOneList<Item extends { id: unknown }>(pages: readonly { items: readonly Item[] }[]): Item[] {
  const all = new Map<Item['id'], Item>();
  for (const item of pages.flatMap((page) => page.items)) {
    if (!all.has(item.id)) all.set(item.id, item);
  }
  return [...all.values()];
}
