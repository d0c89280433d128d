// One conversation as the page knows it: who, in what phase, what was said. Views listen; it knows no document.

const patience = 5 * 60_000;
const maxRows = 2000;
const endPatience = 5_000;

/** By client and peer, what is being taken back: what is asked for before that is done would be taken back as well. */
const withdrawals = new WeakMap();

/**
 * Emits `change` (anything but rows), `row` (`detail`: the new row), `mark` (a row's mark), `trim` (the oldest row went)
 * and `gone` (to be removed). Phases: `waiting` for the peer, `talking`, `over` (see `error`).
 */
export class Talk extends EventTarget {
  phase = 'waiting';
  error = null;
  conversation = null;
  /** `no`, `same` or `differs`. */
  compared = 'no';
  wantsKeys = false;
  typing = false;
  unread = 0;
  rows = [];
  trimmed = false;
  deadline = 0;
  patience = patience;
  /** While it waits for the peer: why the server could not be asked; null: it was, and knows. */
  waitTrouble = null;

  #client;
  #stop = null;
  #open = new Map();
  #sent = 0;
  #delivered = 0;

  constructor(client, peerId, keyMode) {
    super();
    this.#client = client;
    this.peerId = peerId;
    this.keyMode = keyMode;
  }

  get online() {
    return this.phase === 'talking' && this.conversation.state === 'connected' && this.conversation.peerOnline;
  }

  /** Whether its keys were swapped, as far as the user or the client has seen. */
  get isAlarming() {
    return this.compared === 'differs' || this.error?.kind === 'key_substituted';
  }

  /** How many messages did not go out, now that it is over. */
  get unsent() {
    return this.rows.filter(row => row.mark === 'failed').length;
  }

  /** Meets the peer; also once more, for new keys. */
  async meet() {
    this.#leave();
    Object.assign(this, { phase: 'waiting', error: null, compared: 'no', wantsKeys: false, typing: false, deadline: Date.now() + patience, waitTrouble: null });
    const stop = this.#stop = new AbortController();
    this.#changed();
    try {
      await withdrawalsOf(this.#client).get(this.peerId);
      const conversation = await this.#client.rendezvous(this.peerId, {
        keyMode: this.keyMode,
        patience,
        signal: stop.signal,
        onWaiting: ({ reason }) => {
          if (!stop.signal.aborted && this.waitTrouble !== reason) {
            this.#set({ waitTrouble: reason });
          }
        },
      });
      if (stop.signal.aborted) {
        conversation.close();
      } else {
        this.#begin(conversation);
      }
    } catch (error) {
      if (!stop.signal.aborted) {
        this.#over(error);
      }
    }
  }

  /** No longer waits. What was said before stays until it is removed. */
  cancel() {
    if (this.rows.length === 0) {
      this.remove();
    } else {
      this.#withdraw();
      this.#over({ kind: 'cancelled' });
    }
  }

  /** Throws an ImError that says why not. */
  send(text) {
    const sending = this.conversation.send(text);
    const row = { kind: 'mine', text, at: Date.now(), mark: 'pending' };
    this.#open.set(sending.id, row);
    this.#add(row);
    // Marks come by events, which say it for many at once; a rejection comes with the end.
    sending.sent.catch(() => {});
    sending.delivered.catch(() => {});
  }

  setTyping(typing) {
    if (this.phase === 'talking') {
      this.conversation.setTyping(typing);
    }
  }

  compare(result) {
    this.compared = result;
    this.#changed();
  }

  /** Stays with the keys there are. */
  refuseKeys() {
    this.wantsKeys = false;
    this.#changed();
  }

  read() {
    this.unread = 0;
    this.#changed();
  }

  /** Ends it for both sides and forgets what was said. */
  async end() {
    const conversation = this.conversation;
    this.#drop();
    try {
      await conversation.end({ signal: AbortSignal.timeout(endPatience) });
      this.dispatchEvent(new Event('gone'));
    } catch {
      conversation.close();
      this.#over({ kind: 'end_unheard' });
    }
  }

  /** Leaves without a word: the tab signs out, or the conversation is over already. */
  remove() {
    if (this.phase === 'waiting') {
      this.#withdraw();
    }
    this.#leave();
    this.dispatchEvent(new Event('gone'));
  }

  /** Takes back what the server has of the waiting. */
  #withdraw() {
    this.#stop.abort();
    const withdrawal = this.#client.end(this.peerId, { signal: AbortSignal.timeout(endPatience) });
    withdrawalsOf(this.#client).set(this.peerId, withdrawal.catch(() => {})); // The server forgets a handshake by itself, too.
  }

  #begin(conversation) {
    this.conversation = conversation;
    this.phase = 'talking';
    this.#open.clear();
    this.#sent = this.#delivered = 0;
    const mine = listener => event => {
      if (this.conversation === conversation) {
        listener(event.detail);
      }
    };
    conversation.on('message', mine(({ text, sentAt }) => this.#add({ kind: 'theirs', text, at: sentAt })));
    conversation.on('withheld', mine(({ from, to }) => this.#warn(from === to ? 'withheldOne' : 'withheld', { count: to - from + 1 })));
    conversation.on('refused', mine(({ reason }) => this.#warn(reason)));
    conversation.on('sent', mine(({ id }) => this.#mark('sent', id)));
    conversation.on('delivered', mine(({ id }) => this.#mark('delivered', id)));
    conversation.on('presence', mine(() => this.#changed()));
    conversation.on('typing', mine(({ typing }) => this.#set({ typing })));
    conversation.on('handshake', mine(() => this.#set({ wantsKeys: true })));
    conversation.on('state', mine(({ state, reason }) => state === 'ended' ? this.#over(reason) : this.#changed()));
    this.#add(this.keyMode === 'server'
      ? { kind: 'note', tone: 'warn', icon: 'shield-open', key: 'note.beginServer' }
      : { kind: 'note', tone: 'calm', icon: 'key', key: 'note.begin' });
    this.#changed();
    conversation.connect().catch(() => {}); // Why not comes as a state.
  }

  #mark(mark, upTo) {
    const from = mark === 'sent' ? this.#sent : this.#delivered;
    for (let id = from + 1; id <= upTo; id++) {
      const row = this.#open.get(id);
      if (row && row.mark !== 'delivered') {
        row.mark = mark;
        this.dispatchEvent(new CustomEvent('mark', { detail: row }));
      }
      if (mark === 'delivered') {
        this.#open.delete(id);
      }
    }
    if (mark === 'sent') {
      this.#sent = Math.max(this.#sent, upTo);
    } else {
      this.#delivered = Math.max(this.#delivered, upTo);
    }
  }

  #warn(what, values) {
    this.#add({ kind: 'note', tone: 'bad', icon: 'warning', key: `note.${what}`, values, at: Date.now() });
  }

  #add(row) {
    this.rows.push(row);
    if (row.kind === 'theirs' || row.tone === 'bad') {
      this.typing = row.kind === 'theirs' ? false : this.typing;
      this.unread++;
    }
    this.dispatchEvent(new CustomEvent('row', { detail: row }));
    if (this.rows.length > maxRows) {
      this.trimmed = true;
      this.dispatchEvent(new CustomEvent('trim', { detail: this.rows.shift() }));
    }
    this.#changed();
  }

  #over(error) {
    this.#settle();
    Object.assign(this, { phase: 'over', error, typing: false, wantsKeys: false });
    this.#changed();
  }

  /** Whatever has no mark now will get none. */
  #settle() {
    for (const row of this.#open.values()) {
      row.mark = row.mark === 'sent' ? 'unsure' : 'failed';
      this.dispatchEvent(new CustomEvent('mark', { detail: row }));
    }
    this.#open.clear();
  }

  #leave() {
    this.#settle();
    const conversation = this.conversation;
    this.conversation = null;
    conversation?.close();
  }

  /** Forgets what was said. */
  #drop() {
    this.conversation = null;
    this.phase = 'over';
    this.#open.clear();
    while (this.rows.length > 0) {
      this.dispatchEvent(new CustomEvent('trim', { detail: this.rows.shift() }));
    }
  }

  #set(values) {
    Object.assign(this, values);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

function withdrawalsOf(client) {
  if (!withdrawals.has(client)) {
    withdrawals.set(client, new Map());
  }
  return withdrawals.get(client);
}
