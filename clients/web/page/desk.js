// Signed in: my id, new conversations, the list, and which one is open.
import { signsInAgain } from './dialogs.js';
import { announce } from './announce.js';
import { byId, fromTemplate, setIcon, setLine } from './dom.js';
import { Talk } from './talk.js';
import { TalkView, dressAvatar } from './talk-view.js';
import { titleOf } from './trouble-view.js';
import { say } from './words.js';

const maxTalks = 20;
const maxId = 2 ** 53 - 1;

export class Desk {
  #account;
  #talks = new Map();
  #open = null;
  #timer;
  #listening = new AbortController();

  constructor(account) {
    this.#account = account;
    const { signal } = this.#listening;
    byId('desk').hidden = false;
    byId('my-id').textContent = account.id;
    byId('my-id').classList.toggle('long', String(account.id).length > 8);
    byId('peer').value = '';
    byId('copy-id').addEventListener('click', () => this.#copy(), { signal });
    byId('new-talk').addEventListener('submit', event => this.#start(event), { signal });
    document.addEventListener('visibilitychange', () => this.#seen(), { signal });
    account.addEventListener('needed', () => announce('again.banner'), { signal });
    this.#timer = setInterval(() => this.#tick(), 1000);
    this.#show(null);
    byId('peer').focus();
  }

  /** How many conversations would be lost. */
  get live() {
    return [...this.#talks.values()].filter(({ talk }) => talk.phase !== 'over').length;
  }

  /** Forgets all of it. */
  close() {
    clearInterval(this.#timer);
    this.#listening.abort();
    for (const { talk } of [...this.#talks.values()]) {
      if (talk.phase === 'waiting') {
        talk.cancel();
      } else {
        talk.remove();
      }
    }
    byId('desk').hidden = true;
    document.title = 'Im';
  }

  #start(event) {
    event.preventDefault();
    const field = byId('peer');
    const text = field.value.trim();
    const id = /^[1-9][0-9]{0,15}$/.test(text) && Number(text) <= maxId ? Number(text) : null;
    const fault = id === null ? 'fault.peer' : id === this.#account.id ? 'fault.self'
      : this.#talks.size >= maxTalks && !this.#talks.has(id) ? 'fault.many' : null;
    setLine(byId('peer-fault'), fault);
    field.toggleAttribute('aria-invalid', false);
    if (fault) {
      field.setAttribute('aria-invalid', 'true');
      field.focus();
      return;
    }
    const form = byId('new-talk');
    const mode = new FormData(form).get('mode');
    form.reset(); // A weaker key is chosen for one conversation, never for the next one.
    form.querySelector('details').open = false;
    const there = this.#talks.get(id);
    if (there?.talk.phase === 'over') {
      there.talk.keyMode = mode;
      there.talk.meet();
    } else if (!there) {
      this.#add(new Talk(this.#account.client, id, mode));
    }
    this.#show(id);
  }

  #add(talk) {
    const view = new TalkView(talk, this.#account, { back: () => this.#back(), signIn: () => this.#signIn() });
    const item = fromTemplate('talk-item');
    dressAvatar(item.querySelector('.avatar'), talk.peerId);
    say(item.querySelector('.talk-item-name'), 'user', { id: talk.peerId });
    item.querySelector('button').addEventListener('click', () => this.#show(talk.peerId));
    byId('talk-list').prepend(item);
    byId('stage').append(view.element);
    const entry = { talk, view, item };
    this.#talks.set(talk.peerId, entry);
    talk.addEventListener('change', () => this.#changed(entry));
    talk.addEventListener('row', event => this.#told(entry, event.detail));
    talk.addEventListener('gone', () => this.#remove(entry));
    talk.meet();
  }

  #changed({ talk, item }) {
    const last = talk.rows.findLast(row => row.kind !== 'note' || row.tone === 'bad');
    const line = item.querySelector('.talk-item-last');
    const key = keyOf(talk, last);
    if (key) {
      say(line, key, { id: talk.peerId });
    } else {
      delete line.dataset.w;
      line.textContent = last.text;
    }
    item.querySelector('button').classList.toggle('alarm', talk.isAlarming || last?.tone === 'bad');
    item.querySelector('.avatar').classList.toggle('online', talk.online);
    const unread = item.querySelector('.unread');
    unread.hidden = talk.unread === 0 || this.#isSeen(talk);
    say(unread, 'rail.unread', { count: talk.unread });
    byId('no-talks').hidden = this.#talks.size > 0;
    this.#title();
  }

  #told({ talk }, row) {
    if (this.#isSeen(talk)) {
      talk.unread = 0;
    } else if (row.kind === 'theirs') {
      announce('said.newMessage', { id: talk.peerId });
    }
  }

  #show(id) {
    this.#open = id;
    byId('desk').classList.toggle('talking', id !== null);
    byId('nothing-open').hidden = id !== null;
    for (const { talk, view, item } of this.#talks.values()) {
      const isOpen = talk.peerId === id;
      item.querySelector('button').setAttribute('aria-current', isOpen);
      if (isOpen) {
        view.show();
        talk.read();
      } else {
        view.element.hidden = true;
      }
    }
  }

  #back() {
    const item = this.#talks.get(this.#open)?.item;
    this.#show(null);
    item?.querySelector('button').focus();
  }

  #remove({ talk, view, item }) {
    this.#talks.delete(talk.peerId);
    view.element.remove();
    item.remove();
    byId('no-talks').hidden = this.#talks.size > 0;
    if (this.#open === talk.peerId) {
      this.#show(null);
      byId('peer').focus();
    }
    this.#title();
  }

  #signIn() {
    return signsInAgain(this.#account.name === null, secret => this.#account.renew(secret));
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(String(this.#account.id));
    } catch {
      getSelection().selectAllChildren(byId('my-id')); // The browser forbids it: one key copies what is marked.
      return;
    }
    setIcon(byId('copy-id'), 'done');
    say(byId('copy-id').querySelector('span'), 'copied');
    announce('said.copied');
    setTimeout(() => {
      setIcon(byId('copy-id'), 'copy');
      say(byId('copy-id').querySelector('span'), 'copy');
    }, 2000);
  }

  #seen() {
    const open = this.#talks.get(this.#open);
    if (open && !document.hidden) {
      open.talk.read();
      open.view.tick();
    }
  }

  #isSeen(talk) {
    return talk.peerId === this.#open && !document.hidden;
  }

  #tick() {
    for (const { view } of this.#talks.values()) {
      view.tick();
    }
  }

  #title() {
    const unread = [...this.#talks.values()].reduce((sum, { talk }) => sum + (this.#isSeen(talk) ? 0 : talk.unread), 0);
    document.title = unread > 0 ? `(${unread}) Im` : 'Im';
  }
}

/** What the list says of a conversation; null: its last message. */
function keyOf({ phase, error, conversation, wantsKeys, compared, waitTrouble }, last) {
  if (phase === 'waiting') {
    return waitTrouble ? 'item.away' : 'item.waiting';
  }
  if (phase === 'over') {
    return titleOf(error);
  }
  if (compared === 'differs') {
    return 'item.swapped';
  }
  if (wantsKeys) {
    return 'item.wantsKeys';
  }
  if (conversation.state === 'reconnecting') {
    return 'item.reconnecting';
  }
  return last?.tone === 'bad' ? 'item.warning' : last ? null : 'item.ready';
}
