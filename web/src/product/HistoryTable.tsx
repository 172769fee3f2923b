import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Direction, Tone } from '../format/delta';
import { compareDecimals } from '../format/money';
import { useFormat } from '../format/useFormat';
import { TONE_TEXT } from '../ui/tones';
import { Button } from '../ui/Button';
import { type Point, rowsOf } from './chart/series';

/** Rows shown at first, and added with every press. */
const CHUNK = 50;

/** A column of the table: a line of the chart. Keep the same array as long as its points are the same. */
export interface Column {
  key: string;
  name: string;
  points: readonly Point[];
  show: (value: string) => string;
  /** What a change in either direction is coloured with; without it changes are not pointed out. */
  tone?: (direction: Direction) => Tone;
}

/** A chart's data as a table: every change, newest first. */
export function HistoryTable({ columns }: { columns: readonly Column[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = useMemo(() => rowsOf(columns.map((column) => column.points)), [columns]);
  const [shown, setShown] = useState(CHUNK);
  const cell = (value: string | null | undefined, show: (value: string) => string) =>
    value === undefined ? '–' : value === null ? <span className="text-muted">{t('product.chart.gap')}</span> : show(value);
  return (
    <>
      <div className="max-h-112 overflow-auto rounded-xl border border-line" tabIndex={0} role="region" aria-label={t('product.view.table')}>
        <table className="w-full text-sm">
          <thead className="sticky top-0 bg-sunken text-left text-xs text-muted">
            <tr>
              <th scope="col" className="px-3 py-2 font-medium sm:px-4">
                {t('product.table.since')}
              </th>
              {columns.map(({ key, name }) => (
                <th key={key} scope="col" title={name} className="max-w-28 min-w-20 truncate px-3 py-2 text-right font-medium sm:max-w-48 sm:px-4">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="tabular divide-y divide-line">
            {rows.slice(0, shown).map((row, place) => (
              <tr key={row.at}>
                <td className="px-3 py-2 whitespace-nowrap sm:px-4">{format.dateTime(new Date(row.at).toISOString())}</td>
                {columns.map(({ key, show, tone }, index) => (
                  <td key={key} className="px-3 py-2 text-right whitespace-nowrap sm:px-4">
                    {tone !== undefined && <Turn from={rows[place + 1]?.values[index]} to={row.values[index]} tone={tone} />}
                    {cell(row.values[index], show)}
                  </td>
                ))}
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

/** An arrow where a value has changed since the row before it. The numbers say the same to those who cannot see it. */
function Turn({ from, to, tone }: { from: string | null | undefined; to: string | null | undefined; tone: (direction: Direction) => Tone }) {
  const order = from == null || to == null ? 0 : compareDecimals(to, from);
  if (order === 0) return null;
  const direction = order > 0 ? 'up' : 'down';
  return (
    <span aria-hidden className={`mr-1.5 ${TONE_TEXT[tone(direction)]}`}>
      {direction === 'up' ? '↑' : '↓'}
    </span>
  );
}
