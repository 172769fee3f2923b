import { useMemo } from 'react';
import type { Product } from '../api/types';
import { useFormat } from '../format/useFormat';
import { type Range, windowOf } from '../product/chart/ranges';
import { isRelative, type Metric } from './choice';
import type { Compared } from './CompareList';
import { changesOf, currenciesOf, linesOf, moveOf } from './lines';
import type { Drawn } from './option';
import { useChosen, useHistories } from './queries';
import { useFigure } from './useFigure';

export type Scale = 'value' | 'change';

/** Everything that the comparison shows of some products: their lines, and what their rows say. */
export function useComparison(ids: readonly Product['id'][], metric: Metric, range: Range, asked: Scale) {
  const format = useFormat();
  const figure = useFigure(metric);
  const history = useHistories(ids, metric, range);
  const chosen = useChosen(ids);

  const shown = useMemo(() => {
    if (history.data === undefined) return null;
    const lines = linesOf(ids, history.data.items, metric);
    const currencies = currenciesOf(lines);
    // Dollars and yen have no axis in common; their changes do.
    const scale: Scale = isRelative(metric) && (asked === 'change' || currencies.length > 1) ? 'change' : 'value';
    const first = Math.min(...lines.map((line) => line.points[0]?.at ?? Infinity));
    const end = Math.max(...lines.map((line) => line.end));
    const view = windowOf(range, first, end);
    return { lines, scale, mixed: currencies.length > 1, currency: currencies[0] ?? null, view };
  }, [ids, history.data, metric, range, asked]);

  const names = useMemo(() => {
    const products = new Map((chosen.data ?? []).map((product) => [product.id, product]));
    return { products, of: (id: Product['id']) => products.get(id)?.title ?? products.get(id)?.external_id ?? `#${id}` };
  }, [chosen.data]);

  const drawn = useMemo<Drawn[]>(
    () =>
      (shown?.lines ?? []).map((line) => ({
        ...line,
        name: names.of(line.id),
        points: shown?.scale === 'change' ? changesOf(line.points, shown.view.from) : line.points,
      })),
    [shown, names],
  );

  const rows = ids.map((id, place): Compared => {
    const line = shown?.lines.find((each) => each.id === id);
    const say = (value: string | null | undefined) => (value == null ? null : figure(value, line?.currency ?? null));
    return {
      id,
      place,
      name: names.of(id),
      product: names.products.get(id) ?? null,
      now: say(line?.summary.current),
      lowest: say(line?.summary.lowest?.value),
      highest: say(line?.summary.highest?.value),
      move: line === undefined || shown === null || !isRelative(metric) ? null : moveOf(line.points, shown.view.from),
    };
  });

  const told = useMemo(() => {
    const exact = (line: Drawn, value: string) => figure(value, line.currency);
    const change = (_: Drawn, value: string) => format.percent(Number(value));
    return shown?.scale === 'change' ? change : exact;
  }, [shown?.scale, figure, format]);

  const tick = useMemo(() => {
    if (shown?.scale === 'change') return (value: number) => format.percent(value);
    if (metric === 'rank' || metric === 'review_count') return (value: number) => format.compact(value);
    return (value: number) => figure(String(value), shown?.currency ?? null);
  }, [shown?.scale, shown?.currency, metric, figure, format]);

  return { history, chosen, shown, drawn, rows, told, tick, figure };
}
