// Theme and language: all that the page ever stores, and only once somebody has chosen.
import { setIcon, byId } from './dom.js';
import { language, sayLabel, setLanguage } from './words.js';

const themes = ['auto', 'light', 'dark'];

/** Makes the two buttons in the bar work. */
export function startSettings() {
  byId('theme').addEventListener('click', () => {
    const next = themes[(themes.indexOf(theme()) + 1) % themes.length];
    if (next === 'auto') {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem('theme');
    } else {
      document.documentElement.dataset.theme = next;
      localStorage.setItem('theme', next);
    }
    showTheme();
  });
  byId('language').addEventListener('click', () => {
    const next = language() === 'en' ? 'zh' : 'en';
    localStorage.setItem('language', next);
    setLanguage(next);
    showLanguage();
  });
  showTheme();
  showLanguage();
}

const theme = () => document.documentElement.dataset.theme ?? 'auto';

function showTheme() {
  setIcon(byId('theme'), `theme-${theme()}`);
  sayLabel(byId('theme'), `theme.${theme()}`);
}

// The button is in the language that it leads to: who cannot read the present one must find it.
function showLanguage() {
  const other = language() === 'en' ? 'zh' : 'en';
  byId('language').lang = other;
  byId('language').textContent = other === 'zh' ? '中文' : 'English';
}
