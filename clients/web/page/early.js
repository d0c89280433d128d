// Runs before anything is drawn, so that a chosen theme or language does not flash. An unknown value counts as none.
(() => {
  const theme = localStorage.getItem('theme');
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  }
  const chosen = localStorage.getItem('language');
  const wanted = chosen ?? navigator.languages?.find(language => /^(en|zh)\b/i.test(language)) ?? 'en';
  document.documentElement.lang = /^zh\b/i.test(wanted) ? 'zh' : 'en';
})();
