import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Product } from '../api/types';
import { useTags } from '../products/queries';
import { Field, FieldError } from '../ui/Field';
import { Segments } from '../ui/Segments';
import { ProductPicker } from './ProductPicker';

export type ScopeKind = 'everything' | 'tag' | 'product';

/** For which products a new rule is. */
export function ScopeFields({
  kind,
  tag,
  product,
  error,
  onKind,
  onTag,
  onProduct,
}: {
  kind: ScopeKind;
  tag: string;
  product: Product | null;
  error: string | null;
  onKind: (kind: ScopeKind) => void;
  onTag: (tag: string) => void;
  onProduct: (product: Product | null) => void;
}) {
  const { t } = useTranslation();
  const list = useId();
  const tags = useTags(kind === 'tag');
  return (
    <div className="flex flex-col gap-3">
      <div>
        <p className="mb-1.5 text-sm font-medium">{t('rules.scope.label')}</p>
        <Segments
          label={t('rules.scope.label')}
          value={kind}
          onChange={onKind}
          options={(['everything', 'tag', 'product'] as const).map((value) => ({ value, label: t(`rules.scope.${value}`) }))}
        />
      </div>
      {kind === 'tag' && (
        <>
          <Field
            label={t('rules.scope.tagName')}
            required
            maxLength={50}
            autoComplete="off"
            list={list}
            value={tag}
            onChange={(event) => onTag(event.target.value)}
            hint={t('rules.scope.tagHint')}
            error={error}
          />
          <datalist id={list}>
            {tags.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </datalist>
        </>
      )}
      {kind === 'product' && (
        <>
          <ProductPicker label={t('rules.try.product')} product={product} onChange={onProduct} />
          {product !== null && product.tracking_id == null && (
            <FieldError>{t('rules.scope.notTracked', { name: product.title ?? product.external_id })}</FieldError>
          )}
        </>
      )}
      {kind !== 'tag' && error !== null && <FieldError>{error}</FieldError>}
    </div>
  );
}
