// Questions that must be answered before something irreversible is done.
import { byId, setLine } from './dom.js';
import { say } from './words.js';

/** Asks `key.title` with `key.text` and the button `key.yes`; gives whether the answer was yes. The safe answer has the focus. */
export function confirms(key, values) {
  say(byId('confirm-title'), `${key}.title`, values);
  say(byId('confirm-text'), `${key}.text`, values);
  say(byId('confirm-yes'), `${key}.yes`, values);
  const dialog = byId('confirm');
  dialog.returnValue = 'no';
  dialog.showModal();
  byId('confirm-no').focus();
  return new Promise(answer => dialog.addEventListener('close', () => answer(dialog.returnValue === 'yes'), { once: true }));
}

/**
 * Asks for the password or a token once more. `enter(secret)` gives the key of a sentence about what is wrong, or null.
 * Gives whether somebody is signed in again.
 */
export function signsInAgain(byToken, enter) {
  const dialog = byId('again');
  if (dialog.open) {
    return Promise.resolve(false);
  }
  const form = dialog.querySelector('form');
  const field = byId(byToken ? 'again-token' : 'again-password');
  byId('again-password-field').hidden = byToken;
  byId('again-token-field').hidden = !byToken;
  setLine(byId('again-trouble'), null);
  field.value = '';
  dialog.returnValue = '';
  let busy = false;
  const submit = async event => {
    event.preventDefault();
    if (busy) {
      return;
    }
    busy = true;
    const wrong = await enter(field.value);
    busy = false;
    if (wrong) {
      setLine(byId('again-trouble'), wrong.key, wrong.values);
      field.focus();
      field.select();
    } else {
      dialog.close('in');
    }
  };
  const later = () => dialog.close('');
  form.addEventListener('submit', submit);
  byId('again-later').addEventListener('click', later);
  dialog.showModal();
  field.focus();
  return new Promise(answer => dialog.addEventListener('close', () => {
    form.removeEventListener('submit', submit);
    byId('again-later').removeEventListener('click', later);
    field.value = '';
    answer(dialog.returnValue === 'in');
  }, { once: true }));
}
