// Begins: what this server offers, then signing in, then the desk.
import { Desk } from './desk.js';
import { confirms } from './dialogs.js';
import { byId, dress, setLine } from './dom.js';
import { openGate, startGate } from './gate.js';
import { startSettings } from './settings.js';

let desk = null;

dress(document.body);
startSettings();
if (globalThis.crypto?.subtle) {
  await start();
} else {
  setLine(byId('unfit'), 'unfit.crypto');
}

async function start() {
  startGate(await serverOffers(), enter);
  openGate();
  byId('sign-out').addEventListener('click', leave);
  // Keys live in this tab only: the browser asks before it is closed over a conversation.
  addEventListener('beforeunload', event => {
    if (desk?.live) {
      event.preventDefault();
    }
  });
}

/** Offers sign-in where the answer is lost: the form then says what is wrong with the server. */
async function serverOffers() {
  try {
    return await (await fetch(new URL('server.json', import.meta.url))).json();
  } catch {
    return { accounts: true, registration: true };
  }
}

function enter(account) {
  byId('gate').hidden = true;
  byId('sign-out').hidden = false;
  desk = new Desk(account);
}

async function leave() {
  if (desk.live > 0 && !await confirms('leave', { count: desk.live })) {
    return;
  }
  desk.close();
  desk = null;
  byId('sign-out').hidden = true;
  openGate();
}
