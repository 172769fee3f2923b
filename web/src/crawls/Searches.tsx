import { useTranslation } from 'react-i18next';
import type { Round } from '../api/types';
import { SearchRow } from '../scheduler/RoundProgress';

/** What a whole round searches. Nothing for other crawls. */
export function Searches({ searches }: { searches: Round['searches'] }) {
  const { t } = useTranslation();
  if (searches.length === 0) return null;
  return (
    <section aria-labelledby="crawl-searches" className="mb-6">
      <h2 id="crawl-searches" className="mb-3 text-base font-semibold">
        {t('crawls.searches')}
      </h2>
      <ul className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface px-4 py-1 shadow-card sm:px-5">
        {searches.map((search) => (
          <SearchRow key={search.monitor_id} search={search} />
        ))}
      </ul>
    </section>
  );
}
