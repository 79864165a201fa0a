// Chooses the language of the page: `?lang=de`, or the browser's first one that there is, or English.
import { de } from './text.de.js';
import { en } from './text.en.js';

const languages = { en, de };
const asked = /[?&]lang=([a-z]{2})\b/.exec(location.search + location.hash)?.[1];
const known = (tag) => Object.keys(languages).find((language) => tag?.toLowerCase().split('-')[0] === language);

export const language = known(asked) || (navigator.languages || []).map(known).find(Boolean) || 'en';
export const text = languages[language];
/** For numbers and dates: the browser's own variety of the language, e.g. `de-CH`. */
export const locale = (navigator.languages || []).find((tag) => known(tag) === language) || language;
