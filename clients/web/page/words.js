// Everything that the page says, in the chosen language. Elements remember what they say, and say it again in the other one.
import { words as en } from './words-en.js';
import { words as zh } from './words-zh.js';

const languages = { en, zh };
const said = new WeakMap();
const spoken = '[data-w],[data-label],[data-hint]';

/** `en` or `zh`. */
export const language = () => document.documentElement.lang;

/** The sentence with its `{places}` filled. A value may be a function, for what the language changes. */
export const sentence = (key, values = {}) => languages[language()][key].replace(/\{(\w+)\}/g, (_, name) =>
  String(typeof values[name] === 'function' ? values[name]() : values[name]));

/** Makes the element say this, now and after a change of language. */
export function say(element, key, values) {
  element.dataset.w = key;
  remember(element, 'w', values);
  const text = sentence(key, values);
  if (element.textContent !== text) {
    element.textContent = text; // Only if it differs: a live region would read it again.
  }
  return element;
}

/** Names a control that shows no words, and shows the name where a mouse rests on it. */
export function sayLabel(element, key, values) {
  element.dataset.label = key;
  remember(element, 'label', values);
  element.setAttribute('aria-label', sentence(key, values));
  if (element instanceof HTMLButtonElement) {
    element.title = sentence(key, values);
  }
  return element;
}

/** What a field shows while it is empty. */
export function sayHint(element, key) {
  element.dataset.hint = key;
  element.placeholder = sentence(key);
  return element;
}

/** Says everything in another language. */
export function setLanguage(next) {
  document.documentElement.lang = next;
  for (const element of document.querySelectorAll(spoken)) {
    const values = said.get(element) ?? {};
    if (element.dataset.w) {
      say(element, element.dataset.w, values.w);
    }
    if (element.dataset.label) {
      sayLabel(element, element.dataset.label, values.label);
    }
    if (element.dataset.hint) {
      sayHint(element, element.dataset.hint);
    }
  }
}

const hours = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** A time of day: `14:05`, in both languages. */
export const clock = at => hours.format(at);

/** A day and a time. */
export const moment = at => new Intl.DateTimeFormat(language() === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(at);

/** Minutes and seconds: `4:07`. */
export const minutes = seconds => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

function remember(element, part, values) {
  said.set(element, { ...said.get(element), [part]: values });
}
