import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { DEFAULT_LANGUAGE, isLanguage, type Language, pickLanguage } from './languages';
import en from './locales/en.json';

const KEY = 'bellwether.language';

// English is the fallback and part of the bundle; the others are fetched when chosen.
const catalogues: Record<Exclude<Language, 'en'>, () => Promise<{ default: object }>> = {
  'zh-Hans': () => import('./locales/zh-Hans.json'),
  'zh-Hant': () => import('./locales/zh-Hant.json'),
};

async function load(language: Language): Promise<void> {
  if (language === 'en' || i18next.hasResourceBundle(language, 'translation')) return;
  const catalogue = await catalogues[language]();
  i18next.addResourceBundle(language, 'translation', catalogue.default);
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export async function startI18n(): Promise<void> {
  i18next.on('languageChanged', (language) => {
    // The browser picks Han glyphs, hyphenation and the reading voice by this.
    document.documentElement.lang = language;
  });
  await i18next.use(initReactI18next).init({
    resources: { en: { translation: en } },
    lng: DEFAULT_LANGUAGE,
    fallbackLng: DEFAULT_LANGUAGE,
    interpolation: { escapeValue: false },
    partialBundledLanguages: true,
  });
  const choice = stored();
  await speak(isLanguage(choice) ? choice : pickLanguage(navigator.languages)).catch(() => undefined);
}

async function speak(language: Language): Promise<void> {
  await load(language);
  await i18next.changeLanguage(language);
}

export async function chooseLanguage(language: Language): Promise<void> {
  await speak(language);
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // The choice lasts for this visit only.
  }
}
