import { Scale } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Candidate, Preview } from '../api/types';
import { useFormat } from '../format/useFormat';
import { isAvailability } from '../products/catalogue';
import { useSourceName } from '../sources/queries';
import { opened } from '../sources/words';
import { Badge } from '../ui/Badge';
import { classes } from '../ui/classes';
import { Picture } from '../ui/Picture';
import { FoundPrice, FoundStock } from './Found';
import { isDisagreedField, isStrategy, shownCandidate } from './strategies';

function useStrategyName(): (strategy: string) => string {
  const { t } = useTranslation();
  return (strategy) => (isStrategy(strategy) ? t(`track.strategy.${strategy}`) : opened(strategy));
}

/** What a look found: the product, how it was read, and where ways of reading it disagree. */
export function PreviewPanel({
  preview,
  picked,
  onPick,
}: {
  preview: Preview;
  /** The way of reading that the person chose; `null` leaves it to the source. */
  picked: string | null;
  onPick: (strategy: string) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const strategyName = useStrategyName();
  const shown = shownCandidate(preview, picked);
  if (shown === null) return <p className="rounded-xl bg-warn-soft px-4 py-3 text-sm text-warn">{t('track.nothingFound')}</p>;
  const { product } = shown;
  const several = preview.candidates.length > 1;
  return (
    <div className="flex flex-col gap-3.5" aria-live="polite">
      <div className="flex gap-4 rounded-xl border border-line p-3.5">
        <Picture src={product.image_url} alt="" eager className="size-24 shrink-0 rounded-lg p-1.5 sm:size-28" />
        <div className="flex min-w-0 grow flex-col items-start gap-1.5">
          <p className="line-clamp-3 text-sm leading-5 font-medium wrap-break-word">{product.title ?? preview.external_id}</p>
          <span className="text-lg">
            <FoundPrice product={product} />
          </span>
          <div className="flex flex-wrap items-center gap-1.5">
            <FoundStock product={product} />
            <Badge>
              {sourceName(preview.source)} · {format.region(preview.marketplace)}
            </Badge>
            {shown.variants.length > 0 && <Badge>{t('track.variants', { count: shown.variants.length })}</Badge>}
          </div>
          {!several && shown.strategy !== 'api' && (
            <p className="text-xs text-muted">
              {t('track.readBy', { strategy: strategyName(shown.strategy), confidence: format.number(shown.confidence) })}
            </p>
          )}
        </div>
      </div>

      {preview.disagreements.length > 0 && (
        <div className="rounded-xl bg-warn-soft px-4 py-3 text-sm text-warn">
          <p className="flex items-center gap-2 font-semibold">
            <Scale aria-hidden className="size-4 shrink-0" />
            {t('track.disagree')}
          </p>
          <ul className="mt-1.5 space-y-1">
            {preview.disagreements.map(({ field, told }) => (
              <li key={field} className="wrap-break-word">
                <span className="font-medium">
                  {isDisagreedField(field) ? t(`track.disagreed.${field}`) : opened(field)}:
                </span>{' '}
                {told
                  .map(({ strategy, value }) => `${strategyName(strategy)} ${isAvailability(value) ? t(`availability.${value}`) : value}`)
                  .join(' · ')}
              </li>
            ))}
          </ul>
        </div>
      )}

      {several && (
        <fieldset>
          <legend className="mb-2 text-sm font-medium">{t('track.choose')}</legend>
          <div className="grid gap-2 sm:grid-cols-2">
            {preview.candidates.map((candidate) => (
              <CandidateChoice
                key={candidate.strategy}
                candidate={candidate}
                name={strategyName(candidate.strategy)}
                recommended={candidate.strategy === preview.chosen}
                checked={candidate.strategy === shown.strategy}
                onPick={() => onPick(candidate.strategy)}
              />
            ))}
          </div>
          <p className="mt-2 text-[0.8125rem] text-muted">{t(picked === null ? 'track.chooseHint' : 'track.chosenHint')}</p>
        </fieldset>
      )}
    </div>
  );
}

function CandidateChoice({
  candidate,
  name,
  recommended,
  checked,
  onPick,
}: {
  candidate: Candidate;
  name: string;
  recommended: boolean;
  checked: boolean;
  onPick: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const id = useId();
  return (
    <label
      htmlFor={`${id}-radio`}
      className={classes(
        'flex cursor-pointer items-start gap-2.5 rounded-xl border p-3 transition-colors focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent',
        checked ? 'border-accent bg-accent-soft/50' : 'border-line hover:border-line-strong',
      )}
    >
      <input
        id={`${id}-radio`}
        type="radio"
        aria-labelledby={id}
        name="strategy"
        checked={checked}
        onChange={onPick}
        // Choosing what is already shown is a choice too.
        onClick={onPick}
        className="mt-0.5 size-4 shrink-0 accent-accent outline-none"
      />
      <span className="flex min-w-0 grow flex-col gap-1 text-sm">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span id={id} className="font-medium">
            {name}
          </span>
          {recommended && <Badge tone="accent">{t('track.recommendedStrategy')}</Badge>}
        </span>
        <span className="text-xs text-muted">{t('track.confidence', { confidence: format.number(candidate.confidence) })}</span>
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <FoundPrice product={candidate.product} />
          <FoundStock product={candidate.product} />
        </span>
        <span className="line-clamp-2 text-xs text-muted">{candidate.product.title}</span>
      </span>
    </label>
  );
}
