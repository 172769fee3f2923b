import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Product } from '../api/types';
import { SourceBadge } from '../products/Figures';
import { deltaOf, priceTone, rankTone } from '../format/delta';
import { useFormat } from '../format/useFormat';
import { IconButton } from '../ui/Button';
import { classes } from '../ui/classes';
import { useColourSense } from '../theme/useColourSense';
import { TONE_TEXT } from '../ui/tones';
import { Picture } from '../ui/Picture';
import { lookOf } from './lines';
import { Sample } from './Sample';

/** A compared product with its figures in the time shown, ready to be read. */
export interface Compared {
  id: Product['id'];
  place: number;
  name: string;
  /** `null` while it is not known, and when the team watches it no more. */
  product: Product | null;
  now: string | null;
  lowest: string | null;
  highest: string | null;
  move: number | null;
}

/** The legend and the figures in one: a row switches its line off and on, and leads to its product. */
export function CompareList({
  rows,
  rank,
  hidden,
  onToggle,
  onRemove,
}: {
  rows: readonly Compared[];
  /** The figures are ranks: the smaller one is the better one. */
  rank: boolean;
  hidden: ReadonlySet<Product['id']>;
  onToggle: (id: Product['id']) => void;
  onRemove: (id: Product['id']) => void;
}) {
  const { t } = useTranslation();
  return (
    <ul aria-label={t('product.chart.legend')} className="divide-y divide-line border-t border-line">
      {rows.map((row) => (
        <Row
          key={row.id}
          row={row}
          rank={rank}
          off={hidden.has(row.id)}
          onToggle={() => onToggle(row.id)}
          onRemove={() => onRemove(row.id)}
        />
      ))}
    </ul>
  );
}

function Row({
  row,
  rank,
  off,
  onToggle,
  onRemove,
}: {
  row: Compared;
  rank: boolean;
  off: boolean;
  onToggle: () => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const sense = useColourSense();
  const moved = deltaOf(row.move);
  const tone = moved === null ? 'still' : rank ? rankTone(moved.direction) : priceTone(moved.direction, sense);
  const rankWords =
    !rank || moved === null || moved.direction === 'same'
      ? null
      : t(moved.direction === 'down' ? 'products.rankImproved' : 'products.rankWorsened', {
          percent: format.percent(Math.abs(moved.percent)).replace('+', ''),
        });
  const figures = [
    [t('compare.now'), row.now],
    [t(rank ? 'compare.best' : 'compare.lowest'), row.lowest],
    [t(rank ? 'compare.worst' : 'compare.highest'), row.highest],
  ] as const;
  return (
    <li className="flex items-start gap-3 py-3 pr-2 pl-3 sm:items-center sm:px-5">
      <button
        type="button"
        aria-pressed={!off}
        aria-label={t('compare.line', { letter: lookOf(row.place).letter, name: row.name })}
        title={t('compare.lineTitle')}
        onClick={onToggle}
        className="inline-flex h-10 shrink-0 items-center rounded-lg border border-line px-2 text-muted transition-colors hover:border-line-strong"
      >
        <Sample look={lookOf(row.place)} off={off} />
      </button>
      <Picture src={row.product?.image_url} alt="" className="size-10 shrink-0 rounded-lg max-sm:hidden" />
      <div className="grid min-w-0 grow gap-x-6 gap-y-1.5 md:grid-cols-[minmax(0,1fr)_auto] md:items-center">
        <div className="min-w-0">
          {row.product === null ? (
            <span className="block truncate text-sm text-muted">{row.name}</span>
          ) : (
            <Link
              to={`/products/${row.id}`}
              className={classes('block truncate text-sm font-medium underline-offset-4 hover:underline', off && 'text-muted line-through')}
              title={row.name}
            >
              {row.name}
            </Link>
          )}
          {row.product !== null && <SourceBadge product={row.product} className="mt-1" />}
        </div>
        <dl className="tabular grid grid-cols-2 gap-x-4 gap-y-1 text-sm sm:grid-cols-4 md:w-116">
          {figures.map(([label, value]) => (
            <div key={label} className="min-w-0">
              <dt className="truncate text-xs text-muted">{label}</dt>
              <dd className="truncate">{value ?? '–'}</dd>
            </div>
          ))}
          <div className="min-w-0">
            <dt className="truncate text-xs text-muted">{t('compare.move')}</dt>
            <dd className={classes('truncate', TONE_TEXT[tone])} title={rankWords ?? undefined}>
              {moved === null ? '–' : `${moved.arrow} ${format.percent(moved.percent)}`}
              {rankWords !== null && <span className="sr-only">{rankWords}</span>}
            </dd>
          </div>
        </dl>
      </div>
      <IconButton label={t('compare.remove', { name: row.name })} onClick={onRemove} className="size-9! shrink-0">
        <X aria-hidden className="size-4" />
      </IconButton>
    </li>
  );
}
