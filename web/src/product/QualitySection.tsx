import { useQuery } from '@tanstack/react-query';
import { ShieldAlert, ShieldCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { Product, Quality } from '../api/types';
import { RelativeTime } from '../format/RelativeTime';
import { useFormat } from '../format/useFormat';
import en from '../i18n/locales/en.json';
import { opened } from '../sources/words';
import { Skeleton } from '../ui/Skeleton';

type Figure = keyof typeof en.product.quality.field;
const isFigure = (name: string): name is Figure => Object.hasOwn(en.product.quality.field, name);

type Doubt = keyof typeof en.product.quality.doubt;
const isDoubt = (code: string): code is Doubt => Object.hasOwn(en.product.quality.doubt, code);
type Refusal = keyof typeof en.product.quality.refusal;
const isRefusal = (code: string): code is Refusal => Object.hasOwn(en.product.quality.refusal, code);

function useQuality(product: Product) {
  return useQuery({
    // A new look may decide what was set apart.
    queryKey: [...keys.quality(product.id), product.last_observed_at ?? ''],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/v1/products/{id}/quality', { params: { path: { id: product.id } }, signal })),
  });
}

/** How far a product's figures can be trusted: what is set apart and why, and which of them are old. */
export function QualitySection({ product }: { product: Product }) {
  const { t } = useTranslation();
  const quality = useQuality(product);
  if (quality.isError) return null;
  return (
    <section aria-labelledby="quality" className="rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <h2 id="quality" className="mb-3 text-base font-semibold">
        {t('product.quality.title')}
      </h2>
      {quality.data === undefined ? <Skeleton className="h-16 rounded-lg" /> : <Ledger quality={quality.data} />}
    </section>
  );
}

function Ledger({ quality }: { quality: Quality }) {
  const { t } = useTranslation();
  const format = useFormat();
  const apart = quality.set_apart ?? null;
  // Figures that the newest look did not bring: what is shown is older than the rest.
  const old = quality.fields.filter((field) => !field.current && field.last_seen_at != null);
  const refused = quality.refused[0];
  const figure = (name: string) => (isFigure(name) ? t(`product.quality.field.${name}`) : opened(name));
  const told = apart === null ? null : (apart.price ?? apart.buy_box_price ?? apart.list_price ?? null);
  return (
    <div className="flex flex-col gap-3 text-[0.8125rem]">
      {apart === null ? (
        <p className="flex items-start gap-2 text-muted">
          <ShieldCheck aria-hidden className="mt-px size-4 shrink-0 text-good" />
          {t('product.quality.fine')}
        </p>
      ) : (
        <div className="flex items-start gap-2 rounded-lg bg-warn-soft px-3 py-2.5 text-warn">
          <ShieldAlert aria-hidden className="mt-px size-4 shrink-0" />
          <div className="min-w-0 wrap-break-word">
            <p className="font-semibold">
              {told === null ? t('product.quality.apart') : t('product.quality.apartPrice', { price: format.money(told) })}
            </p>
            <p className="mt-0.5">
              {isDoubt(apart.code ?? '') ? t(`product.quality.doubt.${apart.code as Doubt}`) : apart.reason} · <RelativeTime at={apart.observed_at} />
            </p>
            <p className="mt-0.5">{t('product.quality.apartNote')}</p>
          </div>
        </div>
      )}
      {old.length > 0 && (
        <div>
          <p className="text-muted">{t('product.quality.old')}</p>
          <ul className="mt-1 space-y-1">
            {old.map((field) => (
              <li key={field.field} className="flex justify-between gap-4">
                <span>{figure(field.field)}</span>
                <span className="text-muted">{field.last_seen_at != null && <RelativeTime at={field.last_seen_at} />}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {refused !== undefined && (
        <p className="text-muted wrap-break-word">
          {t('product.quality.refused', { count: quality.recent.refused })}{' '}
          {isRefusal(refused.code) ? t(`product.quality.refusal.${refused.code}`) : refused.reason}{' '}
          <RelativeTime at={refused.observed_at} />
        </p>
      )}
      {quality.recent.set_apart > 0 && (
        <p className="text-muted">
          {t('product.quality.recent', {
            apart: format.number(quality.recent.set_apart),
            confirmed: format.number(quality.recent.confirmed),
            dismissed: format.number(quality.recent.dismissed),
          })}
        </p>
      )}
    </div>
  );
}
