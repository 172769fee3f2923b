import { Ban, CircleCheck, CircleHelp, Gauge, type LucideIcon, Pause } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/useFormat';
import { Badge } from '../ui/Badge';
import { isState, opened, stateTone } from './words';

const ICONS: Record<string, LucideIcon> = { ok: CircleCheck, slowed: Gauge, paused: Pause, open: Ban };

/** How a source stands: colour, picture and words. */
export function StateBadge({ state, until }: { state: string; until: string | null | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const Icon = ICONS[state] ?? CircleHelp;
  const words =
    until != null && (state === 'paused' || state === 'open')
      ? t(`sources.stateUntil.${state}`, { time: format.clock(until) })
      : isState(state)
        ? t(`sources.state.${state}`)
        : opened(state);
  return (
    <Badge tone={stateTone(state)} title={isState(state) ? t(`sources.stateHint.${state}`) : undefined}>
      <Icon aria-hidden className="size-3.5 shrink-0" />
      {words}
    </Badge>
  );
}
