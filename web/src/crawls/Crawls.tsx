import { RotateCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useKnownSources } from '../sources/queries';
import { Button, buttonClass } from '../ui/Button';
import { classes } from '../ui/classes';
import { ErrorNotice, Notice } from '../ui/Notice';
import { Select } from '../ui/Select';
import { Skeleton } from '../ui/Skeleton';
import { useAddress } from '../ui/useAddress';
import { useTitle } from '../ui/useTitle';
import { CrawlRow } from './CrawlRow';
import { useCrawls } from './queries';
import { isStatus, isTrigger, STATUSES, TRIGGERS } from './words';

/** Every run over products that somebody asked for, the latest first. */
export function Crawls() {
  const { t } = useTranslation();
  useTitle(t('crawls.title'));
  const [params, change] = useAddress<'status' | 'trigger' | 'source'>();
  const chosen = {
    status: params.get('status') ?? '',
    trigger: params.get('trigger') ?? '',
    source: params.get('source') ?? '',
  };
  const sources = useKnownSources();
  const query = {
    ...(isStatus(chosen.status) ? { status: chosen.status } : {}),
    ...(isTrigger(chosen.trigger) ? { trigger: chosen.trigger } : {}),
    ...(chosen.source === '' ? {} : { source: chosen.source }),
  };
  const filtering = Object.keys(query).length > 0;
  const list = useCrawls(query);
  const crawls = list.data?.pages.flatMap((page) => page.items) ?? [];
  const choose = (name: keyof typeof chosen) => (event: { target: { value: string } }) => change({ [name]: event.target.value });

  return (
    <>
      <div className="mb-5">
        <h1 className="text-2xl font-semibold tracking-tight">{t('crawls.title')}</h1>
        <p className="mt-1 text-sm text-muted">{t('crawls.subtitle')}</p>
      </div>
      <search className="mb-5 flex flex-wrap gap-2">
        <Select
          label={t('crawls.statusLabel')}
          className="grow sm:grow-0"
          value={chosen.status}
          onChange={choose('status')}
          options={[
            { value: '', label: t('crawls.anyStatus') },
            ...STATUSES.map((status) => ({ value: status, label: t(`crawls.status.${status}`) })),
          ]}
        />
        <Select
          label={t('crawls.triggerLabel')}
          className="grow sm:grow-0"
          value={chosen.trigger}
          onChange={choose('trigger')}
          options={[
            { value: '', label: t('crawls.anyTrigger') },
            ...TRIGGERS.map((trigger) => ({ value: trigger, label: t(`crawls.trigger.${trigger}`) })),
          ]}
        />
        <Select
          label={t('products.source')}
          className="grow sm:grow-0"
          value={chosen.source}
          onChange={choose('source')}
          options={[
            { value: '', label: t('products.allSources') },
            ...sources.map((source) => ({ value: source.name, label: source.label })),
          ]}
        />
      </search>

      {list.isPending ? (
        <div role="status" aria-label={t('common.loading')} className="divide-y divide-line rounded-2xl border border-line bg-surface">
          {Array.from({ length: 5 }, (_, index) => (
            <div key={index} className="space-y-2 px-5 py-5">
              <Skeleton className="h-4 w-40" />
              <Skeleton className="h-2 w-full" />
            </div>
          ))}
        </div>
      ) : list.isError && crawls.length === 0 ? (
        <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      ) : crawls.length === 0 ? (
        <Notice
          icon={<RotateCw />}
          title={t(filtering ? 'crawls.noMatch' : 'crawls.empty.title')}
          action={
            filtering ? (
              <Button onClick={() => change({ status: '', trigger: '', source: '' })}>{t('products.noMatch.clear')}</Button>
            ) : (
              <Link to="/" className={buttonClass()}>
                {t('crawls.empty.action')}
              </Link>
            )
          }
        >
          {filtering ? undefined : t('crawls.empty.body')}
        </Notice>
      ) : (
        <ul
          aria-busy={list.isPlaceholderData || undefined}
          className={classes(
            'divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface shadow-card transition-opacity',
            list.isPlaceholderData && 'opacity-60',
          )}
        >
          {crawls.map((crawl) => (
            <CrawlRow key={crawl.id} crawl={crawl} />
          ))}
        </ul>
      )}

      {list.hasNextPage && (
        <div className="mt-5 flex justify-center">
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t('common.more')}
          </Button>
        </div>
      )}
    </>
  );
}
