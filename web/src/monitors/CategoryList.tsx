import { Pencil, Plus, Tags, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Category } from '../api/types';
import { useRights } from '../auth/useRights';
import { useFormat } from '../format/useFormat';
import { useSourceName } from '../sources/queries';
import { Badge } from '../ui/Badge';
import { Button, IconButton } from '../ui/Button';
import { ConfirmDialog } from '../ui/Dialog';
import { More } from '../ui/More';
import { ErrorNotice, Notice } from '../ui/Notice';
import { Skeleton } from '../ui/Skeleton';
import { CategoryDialog } from './CategoryDialog';
import { useCategories, useCategoryChanges } from './queries';

const grid = 'grid items-start gap-4 md:grid-cols-2 xl:grid-cols-3';

/** Keywords that are searched in several sources at once. */
export function CategoryList() {
  const { t } = useTranslation();
  const { write } = useRights();
  const list = useCategories();
  const categories = list.data?.pages.flatMap((page) => page.items) ?? [];
  const { remove } = useCategoryChanges();
  const [editing, setEditing] = useState<Category | 'new' | null>(null);
  const [deleting, setDeleting] = useState<Category | null>(null);
  const create = write && (
    <Button look="primary" icon={<Plus aria-hidden className="size-4" />} onClick={() => setEditing('new')}>
      {t('categories.create')}
    </Button>
  );
  return (
    <>
      {categories.length > 0 && <div className="mb-4 flex justify-end">{create}</div>}
      {list.isPending ? (
        <div role="status" aria-label={t('common.loading')} className={grid}>
          {Array.from({ length: 3 }, (_, index) => (
            <Skeleton key={index} className="h-40 rounded-2xl" />
          ))}
        </div>
      ) : list.isError && categories.length === 0 ? (
        <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      ) : categories.length === 0 ? (
        <Notice icon={<Tags />} title={t('categories.empty.title')} action={create}>
          {t('categories.empty.body')}
        </Notice>
      ) : (
        <ul className={grid}>
          {categories.map((category) => (
            <li key={category.id}>
              <CategoryCard
                category={category}
                write={write}
                onEdit={() => setEditing(category)}
                onDelete={() => setDeleting(category)}
              />
            </li>
          ))}
        </ul>
      )}
      <More list={list} />
      {editing !== null && (
        <CategoryDialog category={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
      <ConfirmDialog
        open={deleting !== null}
        onOpenChange={(open) => {
          if (!open) setDeleting(null);
        }}
        title={t('categories.deleteTitle')}
        description={t('categories.deleteBody', { name: deleting?.name ?? '' })}
        confirm={t('common.delete')}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => {
          if (deleting !== null) remove.mutate(deleting.id, { onSuccess: () => setDeleting(null) });
        }}
      />
    </>
  );
}

function CategoryCard({
  category,
  write,
  onEdit,
  onDelete,
}: {
  category: Category;
  write: boolean;
  onEdit: () => void;
  onDelete: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const sources = category.sources ?? [...new Set(category.monitors.map((monitor) => monitor.source))];
  const troubled = category.monitors.filter(({ last_outcome: outcome }) => outcome != null && outcome !== 'ok').length;
  return (
    <section className="flex flex-col gap-3 rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <header className="flex items-start justify-between gap-2">
        <div className="min-w-0">
          <h2 className="text-base font-semibold wrap-break-word">{category.name}</h2>
          <p className="mt-0.5 text-[0.8125rem] text-muted">
            {category.auto_crawl
              ? t('track.every', { interval: format.interval(category.interval_seconds) })
              : t('categories.manual')}
          </p>
        </div>
        {write && (
          <span className="-mt-1.5 -mr-2 flex shrink-0">
            <IconButton label={t('categories.editNamed', { name: category.name })} onClick={onEdit}>
              <Pencil aria-hidden className="size-4" />
            </IconButton>
            <IconButton label={t('categories.deleteNamed', { name: category.name })} onClick={onDelete}>
              <Trash2 aria-hidden className="size-4" />
            </IconButton>
          </span>
        )}
      </header>
      <ul className="flex flex-wrap gap-1.5">
        {category.keywords.map((keyword) => (
          <li key={keyword} className="max-w-full">
            <Badge tone="accent" className="truncate">
              {keyword}
            </Badge>
          </li>
        ))}
      </ul>
      <p className="text-[0.8125rem] text-muted">
        {sources.length === 0 ? t('categories.everywhere') : sources.map(sourceName).join(t('common.comma'))}
        {category.monitors.length > 0 && ` · ${t('categories.monitors', { count: category.monitors.length })}`}
        {troubled > 0 && <span className="text-warn"> · {t('categories.troubled', { count: troubled })}</span>}
      </p>
    </section>
  );
}
