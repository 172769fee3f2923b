import { describe, expect, it } from 'vitest';
import { intlLocale, pickLanguage } from './languages';

describe('pickLanguage', () => {
  it('knows which regions write Traditional Chinese', () => {
    expect(pickLanguage(['zh-TW'])).toBe('zh-Hant');
    expect(pickLanguage(['zh-HK'])).toBe('zh-Hant');
    expect(pickLanguage(['zh-Hant-SG'])).toBe('zh-Hant');
    expect(pickLanguage(['zh-CN'])).toBe('zh-Hans');
    expect(pickLanguage(['zh-SG'])).toBe('zh-Hans');
    expect(pickLanguage(['zh'])).toBe('zh-Hans');
  });

  it('takes the first language it speaks, English in the end', () => {
    expect(pickLanguage(['fr-FR', 'zh-TW', 'en'])).toBe('zh-Hant');
    expect(pickLanguage(['fr-FR'])).toBe('en');
    expect(pickLanguage(['not a tag!'])).toBe('en');
  });
});

describe('intlLocale', () => {
  it('prefers the region of the reader', () => {
    expect(intlLocale('en', ['fr', 'en-GB'])).toBe('en-GB');
    expect(intlLocale('zh-Hant', ['zh-CN', 'zh-TW'])).toBe('zh-TW');
    expect(intlLocale('zh-Hans', ['en-US'])).toBe('zh-Hans');
  });
});
