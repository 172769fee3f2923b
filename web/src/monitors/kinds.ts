import type { Monitor, Preset, Source } from '../api/types';

/** Kinds that search for nothing in particular; a source answers them by itself. */
const WITHOUT_TERM: readonly string[] = ['new_arrivals', 'limited_editions'];

export const needsTerm = (kind: string): boolean => !WITHOUT_TERM.includes(kind);

/** Offered lengths between two runs, in seconds; the server allows 15 minutes to 30 days. */
export const RUN_INTERVALS = [900, 3_600, 21_600, 43_200, 86_400, 604_800] as const;

/** What a monitor does when nothing else is said. */
export const DEFAULT_RUN_INTERVAL = 86_400;
/** Offered when "track by itself" is switched on. */
export const DEFAULT_TRACK_UP_TO = 20;
export const MOST_TRACKED = 10_000;

export interface Suggestion {
  source: Source;
  preset: Preset;
}

/** Ready-made monitors that the team does not have yet. */
export function suggestions(sources: readonly Source[], monitors: readonly Monitor[], only: string): Suggestion[] {
  const known = new Set(monitors.map(({ source, kind, term, marketplace }) => JSON.stringify([source, kind, term, marketplace])));
  return sources
    .filter((source) => only === '' || source.name === only)
    .flatMap((source) => source.presets.map((preset) => ({ source, preset })))
    .filter(
      ({ source, preset }) =>
        !known.has(JSON.stringify([source.name, preset.kind, preset.term, preset.marketplace])),
    );
}

/** Whether a source waits for a credential that the team has not entered. */
export const lacksAccess = (source: Source): boolean =>
  source.ownership === 'tenant' && source.credential_fields.length > 0 && source.credential == null;

/** Keywords out of a text area: one a line, or separated by commas of any script; each once. */
export function keywordsOf(text: string): string[] {
  const seen = new Set<string>();
  return text
    .split(/[\n,，、;；]/)
    .map((word) => word.trim())
    .filter((word) => {
      const key = word.toLowerCase();
      if (word === '' || seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}
