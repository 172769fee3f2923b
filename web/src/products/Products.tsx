import { ChartSpline, PackageSearch, Plus } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useOutletContext } from 'react-router';
import type { ShellContext } from '../shell/Shell';
import { useFormat } from '../format/useFormat';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import { Dialog } from '../ui/Dialog';
import { ErrorNotice, Notice } from '../ui/Notice';
import { useTitle } from '../ui/useTitle';
import { MOST } from '../compare/choice';
import { CompareBar } from './CompareBar';
import { ActiveFilters } from './ActiveFilters';
import { FacetPanel } from './FacetPanel';
import { FilterBar } from './FilterBar';
import { FoundBy } from './FoundBy';
import { facetQueryOf, isFiltering, NO_FILTERS, queryOf, useFilters } from './filters';
import { ProductCard, ProductCardSkeleton } from './ProductCard';
import { inOneList } from './pages';
import { useFacets, useProducts } from './queries';
import { useCompareChoice } from './useCompareChoice';

const grid = 'grid grid-cols-2 gap-3 sm:gap-4 md:grid-cols-3 xl:grid-cols-4';

export function Products() {
  const { t } = useTranslation();
  useTitle(t('products.title'));
  const { track } = useOutletContext<ShellContext>();
  const [filters, change] = useFilters();
  const list = useProducts(queryOf(filters));
  const facets = useFacets(facetQueryOf(filters));
  const format = useFormat();
  const [sheet, setSheet] = useState(false);
  const choice = useCompareChoice();
  const products = inOneList(list.data?.pages ?? []);
  // Nothing is watched at all: there is nothing to filter.
  const bare = !list.isPending && products.length === 0 && !isFiltering(filters);

  return (
    <>
      <div className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h1 className="text-2xl font-semibold tracking-tight">{t('products.title')}</h1>
          <p className="mt-1 text-sm text-muted">{t('products.subtitle')}</p>
        </div>
        {choice.ids === null && products.length > 1 && (
          <Button icon={<ChartSpline aria-hidden className="size-4" />} onClick={choice.start}>
            {t('compare.start')}
          </Button>
        )}
      </div>
      <FilterBar filters={filters} onChange={change} onFilters={() => setSheet(true)} />
      {filters.monitor !== '' && <FoundBy monitor={filters.monitor} onClear={() => change({ monitor: '' })} />}

      <div className={classes(!bare && 'lg:grid lg:grid-cols-[14rem_minmax(0,1fr)] lg:gap-8')}>
        {!bare && (
          <aside aria-label={t('products.facet.title')} className="max-lg:hidden">
            <FacetPanel facets={facets.data} filters={filters} onChange={change} />
          </aside>
        )}
        <div className="min-w-0">
          <div className="mb-4 flex min-h-8 flex-wrap items-center gap-x-4 gap-y-2 empty:hidden">
            {facets.data !== undefined && products.length > 0 && (
              <p aria-live="polite" className="tabular text-sm text-muted">
                {t('products.count', { count: facets.data.total, shown: format.number(facets.data.total) })}
              </p>
            )}
            <ActiveFilters filters={filters} onChange={change} />
          </div>
          {facets.data?.approximate_search === true && products.length > 0 && (
            <p className="mb-4 rounded-lg bg-sunken px-3 py-2 text-[0.8125rem] text-muted">{t('products.similar')}</p>
          )}
          {list.isPending ? (
            <div role="status" aria-label={t('common.loading')} className={grid}>
              {Array.from({ length: 8 }, (_, index) => (
                <ProductCardSkeleton key={index} />
              ))}
            </div>
          ) : list.isError && products.length === 0 ? (
            <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
          ) : products.length === 0 ? (
            <Nothing filtering={isFiltering(filters)} onClear={() => change(NO_FILTERS)} onTrack={track} />
          ) : (
            <div
              aria-busy={list.isPlaceholderData || undefined}
              className={classes(grid, 'transition-opacity', list.isPlaceholderData && 'opacity-60')}
            >
              {products.map((product) => (
                <ProductCard
                  key={product.id}
                  product={product}
                  picked={choice.ids?.includes(product.id)}
                  full={(choice.ids?.length ?? 0) >= MOST}
                  onPick={choice.toggle}
                />
              ))}
            </div>
          )}

          {list.hasNextPage && (
            <More
              busy={list.isFetchingNextPage}
              failed={list.isFetchNextPageError}
              onMore={() => void list.fetchNextPage()}
            />
          )}
          {choice.ids !== null && <CompareBar ids={choice.ids} onStop={choice.stop} />}
        </div>
      </div>

      <Dialog open={sheet} onOpenChange={setSheet} title={t('products.facet.title')} description={t('products.facet.description')}>
        <FacetPanel facets={facets.data} filters={filters} onChange={change} />
        <div className="sticky -bottom-6 -mx-6 mt-6 -mb-6 border-t border-line bg-surface p-4">
          <Button look="primary" className="w-full" onClick={() => setSheet(false)}>
            {facets.data === undefined
              ? t('common.close')
              : t('products.facet.show', { count: facets.data.total, shown: format.number(facets.data.total) })}
          </Button>
        </div>
      </Dialog>
    </>
  );
}

/** Why the list is empty, and what to do about it. */
function Nothing({ filtering, onClear, onTrack }: { filtering: boolean; onClear: () => void; onTrack: () => void }) {
  const { t } = useTranslation();
  return filtering ? (
    <Notice
      icon={<PackageSearch />}
      title={t('products.noMatch.title')}
      action={<Button onClick={onClear}>{t('products.noMatch.clear')}</Button>}
    >
      {t('products.noMatch.body')}
    </Notice>
  ) : (
    <Notice
      icon={<PackageSearch />}
      title={t('products.empty.title')}
      action={
        <Button look="primary" icon={<Plus aria-hidden className="size-4" />} onClick={onTrack}>
          {t('products.track')}
        </Button>
      }
    >
      {t('products.empty.body')}
    </Notice>
  );
}

/** Fetches the next page when it comes near the screen; a button for those who do not scroll. */
function More({ busy, failed, onMore }: { busy: boolean; failed: boolean; onMore: () => void }) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    // After a failure only the button asks again: no endless requests to a server in trouble.
    if (element === null || busy || failed) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) onMore();
      },
      { rootMargin: '600px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [busy, failed, onMore]);
  return (
    <div ref={place} className="mt-6 flex flex-col items-center gap-2">
      {failed && <p className="text-sm text-bad">{t('products.moreFailed')}</p>}
      <Button busy={busy} onClick={onMore}>
        {t('common.more')}
      </Button>
    </div>
  );
}
