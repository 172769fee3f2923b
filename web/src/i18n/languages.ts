/** The languages the page speaks, as BCP 47 tags, each with its own name. */
export const LANGUAGES = { en: 'English', 'zh-Hans': '简体中文', 'zh-Hant': '繁體中文' } as const;

export type Language = keyof typeof LANGUAGES;

export const DEFAULT_LANGUAGE: Language = 'en';

export const isLanguage = (value: unknown): value is Language =>
  typeof value === 'string' && Object.hasOwn(LANGUAGES, value);

/** The best language for a list of preferences: regions that write Traditional Chinese get it. */
export function pickLanguage(preferences: readonly string[]): Language {
  for (const tag of preferences) {
    const locale = parse(tag)?.maximize();
    if (locale?.language === 'en') return 'en';
    if (locale?.language === 'zh') return locale.script === 'Hant' ? 'zh-Hant' : 'zh-Hans';
  }
  return DEFAULT_LANGUAGE;
}

/**
 * The locale for numbers and dates: the reader's own regional form of the language where the
 * browser names one (en-GB writes dates as en-US does not), else the language itself.
 */
export function intlLocale(language: string, preferences: readonly string[]): string {
  const wanted = parse(language)?.maximize();
  const regional = preferences.find((tag) => {
    const locale = parse(tag)?.maximize();
    return locale?.language === wanted?.language && locale?.script === wanted?.script;
  });
  return regional ?? language;
}

function parse(tag: string): Intl.Locale | null {
  try {
    return new Intl.Locale(tag);
  } catch {
    return null;
  }
}
