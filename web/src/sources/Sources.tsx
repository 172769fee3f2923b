import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { buttonClass } from '../ui/Button';
import { ErrorNotice } from '../ui/Notice';
import { useTitle } from '../ui/useTitle';
import { SourceCard, SourceCardSkeleton } from './SourceCard';
import { useSources } from './queries';

// Cards differ much in height: each stands right below the one before it.
const grid = 'gap-4 *:mb-4 *:break-inside-avoid md:columns-2 xl:columns-3';

/** Where products are read from, how each source stands, and the team's access to it. */
export function Sources() {
  const { t } = useTranslation();
  useTitle(t('sources.title'));
  const sources = useSources({ watched: true });
  return (
    <>
      <div className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h1 className="text-2xl font-semibold tracking-tight">{t('sources.title')}</h1>
          <p className="mt-1 text-sm text-muted">{t('sources.subtitle')}</p>
        </div>
        <Link to="/sync-log" className={buttonClass('secondary', 'small')}>
          {t('sync.title')}
        </Link>
      </div>
      {sources.isPending ? (
        <div role="status" aria-label={t('common.loading')} className={grid}>
          {Array.from({ length: 5 }, (_, index) => (
            <SourceCardSkeleton key={index} />
          ))}
        </div>
      ) : sources.data === undefined ? (
        <ErrorNotice error={sources.error} onRetry={() => void sources.refetch()} />
      ) : (
        <div className={grid}>
          {sources.data.map((source) => (
            <SourceCard key={source.name} source={source} />
          ))}
        </div>
      )}
    </>
  );
}
