import { describe, expect, it } from 'vitest';
import { type Language, LANGUAGES } from './languages';

type Catalogue = { [key: string]: string | Catalogue };

const files = import.meta.glob<{ default: Catalogue }>('./locales/*.json', { eager: true });
const PLURAL = /_(zero|one|two|few|many|other)$/;

function flatten(catalogue: Catalogue, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(catalogue)) {
    if (typeof value === 'string') flat.set(prefix + key, value);
    else for (const [inner, text] of flatten(value, `${prefix}${key}.`)) flat.set(inner, text);
  }
  return flat;
}

function catalogueOf(language: Language): Map<string, string> {
  const file = files[`./locales/${language}.json`];
  if (file === undefined) throw new Error(`no catalogue for ${language}`);
  return flatten(file.default);
}

/** The keys a language must have: those of English, with the plural forms of its own grammar. */
function wantedKeys(english: Map<string, string>, language: Language): string[] {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  const keys = new Set<string>();
  for (const key of english.keys()) {
    const stem = key.replace(PLURAL, '');
    if (stem === key) keys.add(key);
    else for (const form of forms) keys.add(`${stem}_${form}`);
  }
  return [...keys].toSorted();
}

const names = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).toSorted();

describe.each(Object.keys(LANGUAGES) as Language[])('the %s catalogue', (language) => {
  const english = catalogueOf('en');
  const catalogue = catalogueOf(language);

  it('misses no key and has none too many', () => {
    expect([...catalogue.keys()].toSorted()).toEqual(wantedKeys(english, language));
  });

  it('has no empty text', () => {
    expect([...catalogue].filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it('fills in the same values as the English one', () => {
    const wrong = [...catalogue].filter(([key, text]) => {
      const original = english.get(key) ?? english.get(key.replace(PLURAL, '_other')) ?? '';
      return names(text).join() !== names(original).join();
    });
    expect(wrong).toEqual([]);
  });
});

it('has a catalogue for every language and no other', () => {
  const found = Object.keys(files).map((path) => path.replace('./locales/', '').replace('.json', ''));
  expect(found.toSorted()).toEqual(Object.keys(LANGUAGES).toSorted());
});
