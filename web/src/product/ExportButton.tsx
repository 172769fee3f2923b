import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '../api/client';
import { asProblem } from '../api/problem';
import type { Product } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { Button } from '../ui/Button';
import { toast } from '../ui/toasts';

/** Spreadsheets take a table for UTF-8 only with this mark in front. */
const BYTE_ORDER_MARK = '\uFEFF';

/** Saves all looks at a product as a table. */
export function ExportButton({ product }: { product: Product }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const save = useMutation({
    mutationFn: async () => {
      const csv = await unwrap(
        api.GET('/api/v1/products/{id}/history.csv', { params: { path: { id: product.id } }, parseAs: 'blob' }),
      );
      download(new Blob([BYTE_ORDER_MARK, csv], { type: 'text/csv' }), `${product.source}-${product.external_id}`);
    },
    onError: (error) => toast({ title: t('product.export.failed'), body: problemText(asProblem(error)).advice }),
  });
  return (
    <Button size="small" look="quiet" icon={<Download aria-hidden className="size-4" />} busy={save.isPending} onClick={() => save.mutate()}>
      {t('product.export.action')}
    </Button>
  );
}

function download(table: Blob, name: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(table);
  link.download = `${name.replaceAll(/[^\w-]+/g, '-')}-history.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}
