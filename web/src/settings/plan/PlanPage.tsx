import { useTranslation } from 'react-i18next';
import type { Tenant, Usage, UsageItem } from '../../api/types';
import { useFormat } from '../../format/useFormat';
import { Badge } from '../../ui/Badge';
import { ErrorNotice } from '../../ui/Notice';
import { Progress } from '../../ui/Progress';
import { Skeleton } from '../../ui/Skeleton';
import { Section } from '../Section';
import { useTenant } from '../queries';
import { barOf, isIncluded, shareOf, toneOf } from './amounts';
import { useUsage } from './queries';
import { useUsageText } from './useUsageText';

/** What the plan allows and how much of it is used. */
export function PlanPage() {
  const { t } = useTranslation();
  const tenant = useTenant();
  const usage = useUsage();
  return (
    <>
      <Section
        id="usage"
        title={t('usage.title')}
        note={tenant.data === undefined ? t('usage.note') : t('usage.noteOf', { plan: tenant.data.limits.name })}
      >
        {usage.data !== undefined ? (
          <UsageList usage={usage.data} />
        ) : usage.isPending ? (
          <div role="status" aria-label={t('common.loading')} className="space-y-5">
            {Array.from({ length: 5 }, (_, index) => (
              <Skeleton key={index} className="h-10" />
            ))}
          </div>
        ) : (
          <ErrorNotice error={usage.error} onRetry={() => void usage.refetch()} />
        )}
      </Section>
      {tenant.data !== undefined && <Rules tenant={tenant.data} />}
    </>
  );
}

function UsageList({ usage }: { usage: Usage }) {
  return (
    <ul className="divide-y divide-line">
      {usage.items.map((item) => (
        <UsageRow key={item.name} item={item} />
      ))}
    </ul>
  );
}

function UsageRow({ item }: { item: UsageItem }) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useUsageText();
  const name = text.name(item.name);
  if (!isIncluded(item)) {
    return (
      <li className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 py-3.5 text-sm first:pt-0 last:pb-0">
        <span className="font-medium">{name}</span>
        <span className="text-muted">{t('usage.notIncluded')}</span>
      </li>
    );
  }
  return (
    <li className="py-3.5 first:pt-0 last:pb-0">
      <div className="mb-2 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 text-sm">
        <span className="flex items-center gap-2 font-medium">
          {name}
          {(item.state === 'warning' || item.state === 'exceeded') && (
            <Badge tone={toneOf(item.state)}>{t(`usage.state.${item.state}`)}</Badge>
          )}
        </span>
        <span className="tabular text-muted">
          {t('usage.of', { used: text.amount(item, item.used), allowed: text.amount(item, item.allowed) })}
        </span>
      </div>
      <Progress
        label={name}
        percent={Math.min(100, Math.round(item.percent))}
        parts={[{ share: shareOf(item), className: barOf(item.state) }]}
      />
      {item.resets_at != null && <p className="mt-1.5 text-xs text-muted">{t('usage.resets', { time: format.dateTime(item.resets_at) })}</p>}
    </li>
  );
}

/** What the plan says besides amounts that are used up. */
function Rules({ tenant: { limits } }: { tenant: Tenant }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = [
    [t('usage.limit.min_interval_seconds'), format.interval(limits.min_interval_seconds)],
    [t('usage.limit.retention_days'), format.interval(limits.retention_days * 86_400)],
    [t('usage.limit.requests_per_minute'), format.number(limits.requests_per_minute)],
  ] as const;
  return (
    <Section id="plan" title={t('usage.plan', { plan: limits.name })} note={t('usage.planNote')}>
      <dl className="divide-y divide-line text-sm">
        {rows.map(([label, value]) => (
          <div key={label} className="flex items-baseline justify-between gap-4 py-2.5 first:pt-0 last:pb-0">
            <dt className="text-muted">{label}</dt>
            <dd className="tabular shrink-0 text-right">{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
