import { Search } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Product } from '../api/types';
import { Button } from '../ui/Button';
import { inputClass } from '../ui/Field';
import { Picture } from '../ui/Picture';
import { useSettled } from '../ui/useSettled';
import { useProductChoice } from './queries';

/** Chooses one of the watched products: by its words, from the few that have them. */
export function ProductPicker({
  label,
  product,
  fixed = false,
  onChange,
}: {
  label: string;
  product: Product | null;
  /** It cannot be another one. */
  fixed?: boolean;
  onChange: (product: Product | null) => void;
}) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const asked = useSettled(words.trim());
  const choice = useProductChoice(asked, product === null);
  if (product !== null) {
    return (
      <div>
        <p className="mb-1.5 text-sm font-medium">{label}</p>
        <div className="flex items-center gap-3 rounded-lg border border-line bg-surface p-2 pr-3">
          <Picture src={product.image_url} alt="" className="size-10 shrink-0 rounded-md" />
          <span className="line-clamp-2 min-w-0 grow text-sm">{product.title ?? product.external_id}</span>
          {!fixed && (
            <Button size="small" look="quiet" onClick={() => onChange(null)}>
              {t('rules.try.change')}
            </Button>
          )}
        </div>
      </div>
    );
  }
  return (
    <div role="group" aria-label={label}>
      <p className="mb-1.5 text-sm font-medium">{label}</p>
      <div className="relative">
        <Search aria-hidden className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted" />
        <input
          type="search"
          aria-label={t('rules.try.search')}
          placeholder={t('rules.try.search')}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          // Enter would send the form around it.
          onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
          className={`${inputClass} pl-9`}
        />
      </div>
      <ul className="mt-2 divide-y divide-line overflow-hidden rounded-lg border border-line">
        {choice.data?.map((each) => (
          <li key={each.id}>
            <button
              type="button"
              onClick={() => onChange(each)}
              className="flex w-full items-center gap-3 bg-surface p-2 text-left text-sm hover:bg-sunken"
            >
              <Picture src={each.image_url} alt="" className="size-8 shrink-0 rounded-md" />
              <span className="line-clamp-2 min-w-0">{each.title ?? each.external_id}</span>
            </button>
          </li>
        ))}
        {choice.data?.length === 0 && <li className="px-3 py-2 text-sm text-muted">{t('rules.try.noProducts')}</li>}
      </ul>
    </div>
  );
}
