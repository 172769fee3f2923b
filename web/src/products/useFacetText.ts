import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/useFormat';
import { useSourceName } from '../sources/queries';
import { opened } from '../sources/words';
import type { FacetName } from './facets';
import { isType } from './filters';

/** What a facet's value is called. */
export function useFacetText(): (name: FacetName, value: string) => string {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  return useCallback(
    (name: FacetName, value: string) => {
      switch (name) {
        case 'type':
          return isType(value) ? t(`product.flags.${value}`) : opened(value);
        case 'in_stock':
          return t(value === 'true' ? 'availability.in_stock' : 'availability.out_of_stock');
        case 'source':
          return sourceName(value);
        case 'marketplace':
          return format.region(value);
        default:
          return value;
      }
    },
    [t, format, sourceName],
  );
}
