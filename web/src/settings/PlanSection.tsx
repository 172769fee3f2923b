import { useTranslation } from 'react-i18next';
import type { Tenant } from '../api/types';
import { useFormat } from '../format/useFormat';

/** What the team's plan allows. */
export function PlanSection({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { limits } = tenant;
  const rows = [
    [t('settings.plan.products'), format.number(limits.tracked_products)],
    [t('settings.plan.interval'), format.interval(limits.min_interval_seconds)],
    [t('settings.plan.retention'), format.interval(limits.retention_days * 86_400)],
    [t('settings.plan.crawls'), format.number(limits.crawls_per_day)],
    [t('settings.plan.members'), format.number(limits.members)],
    [t('settings.plan.requests'), format.number(limits.requests_per_minute)],
    [t('settings.plan.spend'), format.money({ amount: (limits.source_spend_cents_per_month / 100).toFixed(2), currency: 'USD' })],
  ] as const;
  return (
    <section aria-labelledby="plan" className="rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-6">
      <h2 id="plan" className="text-base font-semibold">
        {t('settings.plan.title', { plan: limits.name })}
      </h2>
      <p className="mt-1 mb-3 text-sm break-all text-muted">{t('settings.plan.team', { slug: tenant.slug })}</p>
      <dl className="divide-y divide-line text-sm">
        {rows.map(([label, value]) => (
          <div key={label} className="flex items-baseline justify-between gap-4 py-2">
            <dt className="text-muted">{label}</dt>
            <dd className="tabular shrink-0 text-right">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
