import { Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../api/problem';
import type { Monitor, Source } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { Button } from '../ui/Button';
import { toast } from '../ui/toasts';
import { lacksAccess, suggestions } from './kinds';
import { useMonitorChanges } from './queries';
import { useMonitorText } from './useMonitorText';

/** Ready-made monitors, started by one click. */
export function Suggestions({
  sources,
  monitors,
  only,
}: {
  sources: readonly Source[];
  monitors: readonly Monitor[];
  only: string;
}) {
  const { t } = useTranslation();
  const text = useMonitorText();
  const problemText = useProblemText();
  const { create } = useMonitorChanges();
  const offered = suggestions(sources, monitors, only).filter(({ source }) => !lacksAccess(source));
  if (offered.length === 0) return null;
  return (
    <section aria-labelledby="suggestions" className="mb-5">
      <h2 id="suggestions" className="mb-2 text-[0.8125rem] font-medium text-muted">
        {t('monitors.suggestions')}
      </h2>
      <ul className="flex flex-wrap gap-2">
        {offered.map(({ source, preset }) => {
          const name = `${source.label} · ${text.preset(preset)}`;
          const body = { source: source.name, preset: preset.name, name };
          return (
            <li key={`${source.name} ${preset.name}`}>
              <Button
                size="small"
                icon={<Plus aria-hidden className="size-3.5 text-accent" />}
                busy={create.isPending && create.variables.body.source === source.name && create.variables.body.preset === preset.name}
                disabled={create.isPending}
                onClick={() =>
                  create.mutate(
                    { body },
                    {
                      onSuccess: () => toast({ title: t('monitors.started'), body: name }),
                      onError: (error) => toast({ title: t('problem.refused.title'), body: problemText(asProblem(error)).advice }),
                    },
                  )
                }
              >
                {name}
                {source.abilities.includes('paid') && <span className="font-normal text-muted">{t('monitors.paid')}</span>}
              </Button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
