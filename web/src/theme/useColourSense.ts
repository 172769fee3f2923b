import { senseOf, type ColourSense } from '../format/delta';
import { useTenant } from '../settings/queries';
import { useColourChoice } from './hooks';

/** How price changes are coloured here: by the reader's own choice, else by the team's. */
export function useColourSense(): ColourSense {
  const choice = useColourChoice();
  const { data: tenant } = useTenant();
  return choice === 'team' ? senseOf(tenant?.rise_color) : choice;
}
