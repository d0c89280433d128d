// Signing in, registering, or bringing a token.
import { Account, troubleOf } from './account.js';
import { byId, setIcon, setLine } from './dom.js';
import { say, sayLabel } from './words.js';

const ways = ['login', 'register', 'token'];
let way = 'login';
let busy = false;

/** Shows what this server offers; `onIn(account)` when somebody is in. */
export function startGate(server, onIn) {
  byId('choose-login').hidden = !server.accounts;
  byId('choose-register').hidden = !server.registration;
  byId('sign-in').querySelector('.switch').hidden = !server.accounts;
  byId('no-accounts').hidden = server.accounts;
  for (const choice of ways) {
    byId(`choose-${choice}`).addEventListener('click', () => choose(choice));
  }
  byId('show-password').addEventListener('click', showPassword);
  byId('sign-in').addEventListener('submit', event => {
    event.preventDefault();
    enter(onIn);
  });
  choose(server.accounts ? 'login' : 'token');
}

/** Shows the form, empty of secrets. */
export function openGate(trouble) {
  byId('gate').hidden = false;
  byId('password').value = '';
  byId('token').value = '';
  setLine(byId('gate-trouble'), trouble);
  byId(way === 'token' ? 'token' : 'username').focus();
}

function choose(next) {
  way = next;
  for (const choice of ways) {
    byId(`choose-${choice}`).setAttribute('aria-pressed', choice === way);
  }
  byId('name-field').hidden = byId('password-field').hidden = way === 'token';
  byId('email-field').hidden = byId('password-hint').hidden = way !== 'register';
  byId('token-field').hidden = way !== 'token';
  byId('password').autocomplete = way === 'register' ? 'new-password' : 'current-password';
  say(byId('enter'), way === 'register' ? 'gate.make' : 'gate.enter');
  setLine(byId('gate-trouble'), null);
  fault({});
}

function showPassword() {
  const shown = byId('password').type === 'password';
  byId('password').type = shown ? 'text' : 'password';
  byId('show-password').setAttribute('aria-pressed', shown);
  setIcon(byId('show-password'), 'eye');
  sayLabel(byId('show-password'), 'gate.showPassword');
}

async function enter(onIn) {
  const values = { username: byId('username').value.trim(), email: byId('email').value.trim(), password: byId('password').value, token: byId('token').value.trim() };
  const faults = faultsOf(values);
  setLine(byId('gate-trouble'), null);
  fault(faults);
  if (busy || Object.keys(faults).length > 0) {
    return;
  }
  setBusy(true);
  try {
    const { account, fault: wrong } = way === 'token' ? Account.withToken(values.token) : { account: await Account.enter(way, values) };
    if (wrong) {
      fault({ token: wrong.key }, wrong.values);
    } else {
      byId('password').value = '';
      byId('token').value = '';
      onIn(account);
    }
  } catch (error) {
    const trouble = troubleOf(error);
    setLine(byId('gate-trouble'), trouble.key, trouble.values);
    if (error.fields) {
      fault(Object.fromEntries(Object.keys(error.fields).map(field => [field, keyOf(field)])));
    }
    byId('password').select();
  } finally {
    setBusy(false);
  }
}

function faultsOf({ username, email, password, token }) {
  if (way === 'token') {
    return token === '' ? { token: 'fault.token' } : {};
  }
  return {
    ...(username.length < 1 || username.length > 64 ? { username: 'fault.username' } : {}),
    ...(way === 'register' && !/^[^\s@]+@[^\s@]+$/.test(email) ? { email: 'fault.email' } : {}),
    ...(password.length < (way === 'register' ? 8 : 1) ? { password: keyOf('password') } : {}),
  };
}

const keyOf = field => field === 'password' && way === 'register' ? 'fault.newPassword' : `fault.${field}`;

/** Marks the fields at fault, and goes to the first. `values` are those of the sentences. */
function fault(faults, values) {
  let first = null;
  for (const field of ['username', 'email', 'password', 'token']) {
    const input = byId(field);
    setLine(byId(`${field}-fault`), faults[field], values);
    if (faults[field]) {
      input.setAttribute('aria-invalid', 'true');
      input.setAttribute('aria-describedby', `${field}-fault`);
      first ??= input;
    } else {
      input.removeAttribute('aria-invalid');
      input.removeAttribute('aria-describedby');
    }
  }
  first?.focus();
}

function setBusy(now) {
  busy = now;
  byId('enter').setAttribute('aria-disabled', now);
  say(byId('enter'), now ? 'gate.busy' : way === 'register' ? 'gate.make' : 'gate.enter');
}
