import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/useFormat';
import { Button } from '../ui/Button';
import { type Point, rowsOf } from './chart/series';

/** Rows shown at first, and added with every press. */
const CHUNK = 50;

/** The chart's data as a table: every change, newest first. */
export function HistoryTable({ price, rank, currency }: { price: Point[]; rank: Point[]; currency: string | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = useMemo(() => rowsOf(price, rank), [price, rank]);
  const [shown, setShown] = useState(CHUNK);
  const cell = (value: string | null | undefined, show: (value: string) => string) =>
    value === undefined ? '–' : value === null ? <span className="text-muted">{t('product.chart.gap')}</span> : show(value);
  const withRank = rank.length > 0;
  return (
    <>
      <div className="max-h-112 overflow-auto rounded-xl border border-line" tabIndex={0} role="region" aria-label={t('product.view.table')}>
        <table className="w-full text-sm">
          <thead className="sticky top-0 bg-sunken text-left text-xs text-muted">
            <tr>
              <th scope="col" className="px-4 py-2 font-medium">
                {t('product.table.since')}
              </th>
              <th scope="col" className="px-4 py-2 text-right font-medium">
                {t('product.price')}
              </th>
              {withRank && (
                <th scope="col" className="px-4 py-2 text-right font-medium">
                  {t('product.rank')}
                </th>
              )}
            </tr>
          </thead>
          <tbody className="tabular divide-y divide-line">
            {rows.slice(0, shown).map((row) => (
              <tr key={row.at}>
                <td className="px-4 py-2 whitespace-nowrap">{format.dateTime(new Date(row.at).toISOString())}</td>
                <td className="px-4 py-2 text-right">
                  {cell(row.price, (value) => (currency === null ? value : format.money({ amount: value, currency })))}
                </td>
                {withRank && (
                  <td className="px-4 py-2 text-right">{cell(row.rank, (value) => format.number(Number(value)))}</td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > shown && (
        <div className="mt-3 flex justify-center">
          <Button size="small" onClick={() => setShown(shown + CHUNK)}>
            {t('common.more')}
          </Button>
        </div>
      )}
    </>
  );
}
