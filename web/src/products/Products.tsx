import { ChartSpline, PackageSearch, Plus } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useOutletContext } from 'react-router';
import type { ShellContext } from '../shell/Shell';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import { ErrorNotice, Notice } from '../ui/Notice';
import { useTitle } from '../ui/useTitle';
import { MOST } from '../compare/choice';
import { CompareBar } from './CompareBar';
import { FilterBar } from './FilterBar';
import { FoundBy } from './FoundBy';
import { isFiltering, queryOf, useFilters } from './filters';
import { ProductCard, ProductCardSkeleton } from './ProductCard';
import { useProducts } from './queries';
import { useCompareChoice } from './useCompareChoice';

const grid = 'grid grid-cols-2 gap-3 sm:gap-4 md:grid-cols-3 lg:grid-cols-4 xl:grid-cols-5';

export function Products() {
  const { t } = useTranslation();
  useTitle(t('products.title'));
  const { track } = useOutletContext<ShellContext>();
  const [filters, change] = useFilters();
  const list = useProducts(queryOf(filters));
  const choice = useCompareChoice();
  const products = list.data?.pages.flatMap((page) => page.items) ?? [];

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
      <FilterBar filters={filters} onChange={change} />
      {filters.monitor !== '' && <FoundBy monitor={filters.monitor} onClear={() => change({ monitor: '' })} />}

      {list.isPending ? (
        <div role="status" aria-label={t('common.loading')} className={grid}>
          {Array.from({ length: 10 }, (_, index) => (
            <ProductCardSkeleton key={index} />
          ))}
        </div>
      ) : list.isError && products.length === 0 ? (
        <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      ) : products.length === 0 ? (
        isFiltering(filters) ? (
          <Notice
            icon={<PackageSearch />}
            title={t('products.noMatch.title')}
            action={
              <Button onClick={() => change({ q: '', source: '', monitor: '', stock: '' })}>{t('products.noMatch.clear')}</Button>
            }
          >
            {t('products.noMatch.body')}
          </Notice>
        ) : (
          <Notice
            icon={<PackageSearch />}
            title={t('products.empty.title')}
            action={
              <Button look="primary" icon={<Plus aria-hidden className="size-4" />} onClick={track}>
                {t('products.track')}
              </Button>
            }
          >
            {t('products.empty.body')}
          </Notice>
        )
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
    </>
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
