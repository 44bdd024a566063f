/** Both languages, the one in use, and how each writes times. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en.ts';
import { zh } from './zh.ts';

export type Language = 'zh' | 'en';
const storageKey = 'points-hub-language';

const languageTag: Readonly<Record<Language, string>> = { zh: 'zh-CN', en: 'en' };

/** What the person chose, else what his browser asks for. */
function firstLanguage(): Language {
  const kept = localStorage.getItem(storageKey);
  if (kept === 'zh' || kept === 'en') return kept;
  return navigator.language.startsWith('zh') ? 'zh' : 'en';
}

await i18next.use(initReactI18next).init({
  lng: firstLanguage(),
  resources: { en: { translation: en }, zh: { translation: zh } },
  fallbackLng: false,
  // React writes text nodes; escaping here would show to people as &amp;.
  interpolation: { escapeValue: false },
});
document.documentElement.lang = languageTag[language()];

export function language(): Language {
  return i18next.language === 'zh' ? 'zh' : 'en';
}

export async function speak(chosen: Language): Promise<void> {
  localStorage.setItem(storageKey, chosen);
  document.documentElement.lang = languageTag[chosen];
  await i18next.changeLanguage(chosen);
}

/** A time of the server in the person's language and zone. */
export function timeInWords(time: string | null): string {
  if (time === null) return '–';
  return new Intl.DateTimeFormat(languageTag[language()], {
    dateStyle: 'medium',
    timeStyle: 'medium',
  }).format(new Date(time));
}
