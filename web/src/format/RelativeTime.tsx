import { formatDateTime, formatRelative } from './time';
import { useFormat } from './useFormat';
import { useNow } from './useNow';

/** "5 minutes ago", kept true while it is on the page; the exact time is its title. */
export function RelativeTime({ at }: { at: string }) {
  const now = useNow();
  const { locale } = useFormat();
  const date = new Date(at);
  return (
    <time dateTime={at} title={formatDateTime(date, locale)}>
      {formatRelative(date, new Date(now), locale)}
    </time>
  );
}
