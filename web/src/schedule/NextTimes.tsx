import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '../api/client';
import { asProblem } from '../api/problem';
import { useFormat } from '../format/useFormat';
import { asked, type Timing } from './timing';

/** When the next looks would be, as the server reckons. What it refuses is said right here. */
export function NextTimes({ timing }: { timing: Timing }) {
  const { t } = useTranslation();
  const format = useFormat();
  const body = JSON.stringify(asked(useDeferredValue(timing)));
  const preview = useQuery({
    queryKey: ['schedule-preview', body],
    queryFn: ({ signal }) =>
      unwrap(api.POST('/api/v1/trackings/schedule-preview', { body: JSON.parse(body) as ReturnType<typeof asked>, signal })),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 30_000,
    gcTime: 60_000,
  });
  if (preview.isError) {
    const refusal = asProblem(preview.error);
    const said = refusal.errors[0]?.message;
    return refusal.status === 422 && said !== undefined ? (
      <p role="status" className="text-[0.8125rem] text-warn">
        {said}
      </p>
    ) : null;
  }
  const times = preview.data?.next_times ?? [];
  if (times.length === 0) return null;
  return (
    <p role="status" className="text-[0.8125rem] text-muted">
      {t('timing.next')} {times.map((at) => format.clock(at)).join(t('common.comma'))}
    </p>
  );
}
