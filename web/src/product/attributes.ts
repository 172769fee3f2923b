import en from '../i18n/locales/en.json';

type Common = keyof typeof en.attributes;

/** Names that mean the same in every source; all others are the listing's own words. */
export const isCommon = (name: string): name is Common => Object.hasOwn(en.attributes, name);

const ORDER = Object.keys(en.attributes);

/** A listing's facts: those with a common meaning first, in their order, then its own by name. */
export function ordered(attributes: Readonly<Record<string, string>>): [string, string][] {
  const place = (name: string) => (isCommon(name) ? ORDER.indexOf(name) : ORDER.length);
  return Object.entries(attributes)
    .filter(([, value]) => value.trim() !== '')
    .toSorted(([a], [b]) => place(a) - place(b) || a.localeCompare(b));
}

/** Whether a fact is an instant or a day in RFC 3339's form, such as `2026-03-01` or `2026-03-01T10:00:00Z`. */
export const isMoment = (value: string): boolean =>
  /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(value) && !Number.isNaN(Date.parse(value));
