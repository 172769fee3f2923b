import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProductDetails } from '../api/types';
import { useFormat } from '../format/useFormat';
import { Button } from '../ui/Button';
import { isCommon, isMoment, ordered } from './attributes';

/** Shown at first; the rest on request. */
const FIRST = 14;

/** The listing's other facts as a table; those with a common meaning in the reader's language. */
export function Attributes({ product }: { product: ProductDetails }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [all, setAll] = useState(false);
  const facts = ordered(product.attributes ?? {});
  if (facts.length === 0) return null;
  const value = (name: string, text: string): string => {
    if (name === 'sales_status' && (text === 'on_sale' || text === 'off_sale')) return t(`product.attributes.${text}`);
    if (isCommon(name) && isMoment(text)) return text.includes('T') ? format.dateTime(text) : format.day(text);
    return text;
  };
  return (
    <section aria-labelledby="attributes" className="rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <h2 id="attributes" className="mb-3 text-base font-semibold">
        {t('product.attributes.title')}
      </h2>
      <table className="w-full text-sm">
        <tbody className="divide-y divide-line">
          {facts.slice(0, all ? undefined : FIRST).map(([name, text]) => (
            <tr key={name} className="align-baseline">
              <th scope="row" className="w-2/5 py-2 pr-4 text-left font-normal wrap-break-word text-muted sm:w-1/3">
                {isCommon(name) ? t(`attributes.${name}`) : name}
              </th>
              <td className="tabular py-2 wrap-anywhere">{value(name, text)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {facts.length > FIRST && !all && (
        <Button look="quiet" size="small" className="mt-1 -ml-3" onClick={() => setAll(true)}>
          {t('product.attributes.more', { count: facts.length - FIRST })}
        </Button>
      )}
    </section>
  );
}
