import { ArrowLeft, ChartSpline, Plus } from 'lucide-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Product } from '../api/types';
import { RANGES, type Range } from '../product/chart/ranges';
import { HistoryTable } from '../product/HistoryTable';
import { useIsDark } from '../theme/hooks';
import { buttonClass } from '../ui/Button';
import { classes } from '../ui/classes';
import { ErrorNotice, Notice } from '../ui/Notice';
import { Segments } from '../ui/Segments';
import { Select } from '../ui/Select';
import { Skeleton } from '../ui/Skeleton';
import { useAddress } from '../ui/useAddress';
import { useTitle } from '../ui/useTitle';
import { idsOf, isMetric, isRelative, isUpsideDown, METRICS, MOST } from './choice';
import { CompareList } from './CompareList';
import { type Scale, useComparison } from './useComparison';

const CompareChart = lazy(() => import('./CompareChart'));

const rangeOf = (text: string | null): Range => RANGES.find((range) => range === text) ?? '90d';

/** One figure of several products in one chart. The choice lives in the address, so that it can be kept and shared. */
export function Compare() {
  const { t } = useTranslation();
  useTitle(t('compare.title'));
  const [params, change] = useAddress<'ids' | 'metric' | 'range' | 'scale' | 'view'>();
  const named = params.get('ids');
  const ids = useMemo(() => idsOf(named), [named]);

  return (
    <>
      <Link to="/" className="mb-4 inline-flex items-center gap-1.5 rounded-md text-sm text-muted hover:text-ink">
        <ArrowLeft aria-hidden className="size-4" />
        {t('shell.products')}
      </Link>
      <div className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h1 className="text-2xl font-semibold tracking-tight">{t('compare.title')}</h1>
          <p className="mt-1 text-sm text-muted">{t('compare.subtitle')}</p>
        </div>
        {ids.length > 0 && ids.length < MOST && (
          <Link to="/" state={{ compare: ids }} className={buttonClass()}>
            <Plus aria-hidden className="size-4" />
            {t('compare.add')}
          </Link>
        )}
      </div>
      {ids.length === 0 ? (
        <Notice
          icon={<ChartSpline />}
          title={t('compare.empty.title')}
          action={
            <Link to="/" state={{ compare: [] }} className={buttonClass('primary')}>
              {t('compare.choose')}
            </Link>
          }
        >
          {t('compare.empty.body', { most: MOST })}
        </Notice>
      ) : (
        <Comparison ids={ids} params={params} change={change} />
      )}
    </>
  );
}

function Comparison({
  ids,
  params,
  change,
}: {
  ids: readonly Product['id'][];
  params: URLSearchParams;
  change: (wanted: Partial<Record<'ids' | 'metric' | 'range' | 'scale' | 'view', string>>) => void;
}) {
  const { t } = useTranslation();
  const dark = useIsDark();
  const asked = params.get('metric');
  const metric = isMetric(asked) ? asked : 'price';
  const range = rangeOf(params.get('range'));
  const view = params.get('view') === 'table' ? 'table' : 'chart';
  const [hidden, setHidden] = useState<ReadonlySet<Product['id']>>(new Set());
  const { history, shown, drawn, rows, told, tick, figure } = useComparison(
    ids,
    metric,
    range,
    params.get('scale') === 'change' ? 'change' : 'value',
  );
  const lines = useMemo(() => drawn.filter((line) => !hidden.has(line.id)), [drawn, hidden]);
  const name = t(`compare.metric.${metric}`);
  const empty = shown !== null && shown.lines.every((line) => line.points.length === 0);
  const gone = shown === null ? 0 : (history.data?.not_found.length ?? 0);

  const toggle = (id: Product['id']) => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    setHidden(next);
  };

  return (
    <section aria-label={name} className="rounded-2xl border border-line bg-surface shadow-card">
      <div className="flex flex-wrap items-center gap-2 p-4 sm:px-5">
        <Select
          label={t('compare.figure')}
          value={metric}
          onChange={(event) => change({ metric: event.target.value === 'price' ? '' : event.target.value })}
          options={METRICS.map((each) => ({ value: each, label: t(`compare.metric.${each}`) }))}
        />
        <Segments
          label={t('product.range.label')}
          value={range}
          onChange={(next) => change({ range: next === '90d' ? '' : next })}
          options={RANGES.map((value) => ({ value, label: t(`product.range.${value}`) }))}
        />
        {isRelative(metric) && shown?.mixed === false && (
          <Segments<Scale>
            label={t('compare.scale.label')}
            value={shown.scale}
            onChange={(next) => change({ scale: next === 'value' ? '' : next })}
            options={[
              { value: 'value', label: t('compare.scale.value') },
              { value: 'change', label: t('compare.scale.change') },
            ]}
          />
        )}
        <span className="grow" />
        <Segments
          label={t('product.view.label')}
          value={view}
          onChange={(next) => change({ view: next === 'chart' ? '' : next })}
          options={[
            { value: 'chart', label: t('product.view.chart') },
            { value: 'table', label: t('product.view.table') },
          ]}
        />
      </div>

      <div className="px-4 pb-4 sm:px-5">
        {history.isPending ? (
          <div role="status" aria-label={t('common.loading')}>
            <Skeleton className="h-80 rounded-xl sm:h-112" />
          </div>
        ) : shown === null ? (
          <ErrorNotice error={history.error} onRetry={() => void history.refetch()} />
        ) : (
          <div className={classes('transition-opacity', history.isPlaceholderData && 'opacity-60')}>
            {gone > 0 && <p className="mb-3 rounded-lg bg-warn-soft px-3 py-2 text-[0.8125rem] text-warn">{t('compare.gone', { count: gone })}</p>}
            {empty ? (
              <Notice icon={<ChartSpline />} title={t('compare.nothing.title')}>
                {t('compare.nothing.body')}
              </Notice>
            ) : view === 'table' ? (
              <HistoryTable
                columns={shown.lines
                  .filter((line) => !hidden.has(line.id))
                  .map((line) => ({
                    key: String(line.id),
                    name: `${line.look.letter} ${rows.find((row) => row.id === line.id)?.name ?? ''}`,
                    points: line.points,
                    show: (value) => figure(value, line.currency),
                  }))}
              />
            ) : (
              <>
                {shown.mixed && <p className="mb-2 text-[0.8125rem] text-muted">{t('compare.mixed')}</p>}
                <Suspense fallback={<Skeleton className="h-80 rounded-xl sm:h-112" />}>
                  <CompareChart
                    key={`${metric} ${range} ${shown.scale} ${dark ? 'dark' : 'light'}`}
                    lines={lines}
                    from={shown.view.from}
                    to={shown.view.to}
                    axis={
                      shown.scale === 'change'
                        ? t('compare.axisChange', { figure: t(isUpsideDown(metric) ? 'product.chart.rankLegend' : `compare.metric.${metric}`) })
                        : t(isUpsideDown(metric) ? 'product.chart.rankLegend' : `compare.metric.${metric}`)
                    }
                    upsideDown={isUpsideDown(metric)}
                    tick={tick}
                    told={told}
                    summary={t('compare.summary', { figure: name, names: rows.map((row) => row.name).join(t('common.comma')) })}
                  />
                </Suspense>
              </>
            )}
          </div>
        )}
      </div>
      <CompareList
        rows={rows}
        rank={isUpsideDown(metric)}
        hidden={hidden}
        onToggle={toggle}
        onRemove={(id) => change({ ids: ids.filter((each) => each !== id).join(',') })}
      />
    </section>
  );
}
