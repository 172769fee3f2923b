import { ChevronRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Source } from '../api/types';
import { RelativeTime } from '../format/RelativeTime';
import { StateBadge } from './StateBadge';

/** The parts of a source that have a pace of their own, such as a web page's host; folded away. */
export function Scopes({ scopes }: { scopes: Source['scopes'] }) {
  const { t } = useTranslation();
  if (scopes.length === 0) return null;
  return (
    <details className="group rounded-lg border border-line">
      <summary className="flex cursor-pointer list-none items-center gap-2 rounded-lg px-3 py-2 text-sm font-medium hover:bg-sunken [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden className="size-4 text-muted transition-transform group-open:rotate-90" />
        {t('sources.scopes', { count: scopes.length })}
      </summary>
      <ul className="divide-y divide-line border-t border-line text-[0.8125rem]">
        {scopes.map((scope) => (
          <li key={scope.scope} className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 px-3 py-2">
            <span className="min-w-0 font-medium break-all">{scope.scope}</span>
            <StateBadge state={scope.state} until={scope.until} />
            <span className="w-full min-w-0 text-muted wrap-break-word">
              {scope.last_error == null ? (
                scope.last_success_at != null && (
                  <>
                    {t('sources.lastSuccess')}: <RelativeTime at={scope.last_success_at} />
                  </>
                )
              ) : (
                <>
                  {scope.last_error.at != null && (
                    <>
                      <RelativeTime at={scope.last_error.at} />:{' '}
                    </>
                  )}
                  {scope.last_error.message}
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
