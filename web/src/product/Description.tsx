import { ExternalLink, SquarePlay } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProductDetails } from '../api/types';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';

/** A text of more letters, or more lines, is shown in part at first. */
const LONG = 420;
const MANY_LINES = 8;

/** What the seller says of a product: the text, the bullet points, films. */
export function Description({ product }: { product: ProductDetails }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const text = (product.description ?? '').trim();
  const features = product.features ?? [];
  // What the seller wrote is no address before it has proved to be one.
  const videos = (product.videos ?? []).filter((url) => /^https?:\/\//i.test(url));
  if (text === '' && features.length === 0 && videos.length === 0) return null;
  const long = text.length > LONG || text.split('\n').length > MANY_LINES;
  return (
    <section aria-labelledby="description" className="rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <h2 id="description" className="mb-3 text-base font-semibold">
        {t('product.description.title')}
      </h2>
      {features.length > 0 && (
        <ul className="mb-3 list-disc space-y-1 pl-5 text-sm leading-6 marker:text-muted">
          {features.map((feature) => (
            <li key={feature} className="wrap-break-word">
              {feature}
            </li>
          ))}
        </ul>
      )}
      {text !== '' && (
        <p className={classes('max-w-prose text-sm leading-6 wrap-break-word whitespace-pre-line', long && !open && 'line-clamp-6')}>
          {text}
        </p>
      )}
      {long && (
        <Button look="quiet" size="small" className="mt-1 -ml-3" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? 'product.description.less' : 'product.description.more')}
        </Button>
      )}
      {videos.length > 0 && (
        <ul className="mt-3 flex flex-wrap gap-x-5 gap-y-2 text-sm">
          {videos.map((url, index) => (
            <li key={url}>
              <a
                href={url}
                target="_blank"
                rel="noreferrer noopener"
                className="inline-flex items-center gap-1.5 font-medium text-accent underline-offset-4 hover:underline"
              >
                <SquarePlay aria-hidden className="size-4" />
                {videos.length === 1 ? t('product.description.video') : t('product.description.videoNumber', { number: index + 1 })}
                <ExternalLink aria-hidden className="size-3.5" />
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
