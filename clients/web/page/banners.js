// The lines above a conversation: what is wrong with the connection, the sign-in or the keys, and what to do.
import { button, make, setIcon } from './dom.js';
import { say } from './words.js';

const reasons = { queue_full: 'banner.full', rate_limited: 'banner.slow', server_unavailable: 'banner.away' };

// What is over before that is not worth a line that comes and goes.
const patience = 700;

export class Banners {
  #talk;
  #account;
  #connection;
  #signIn;
  #keys;
  #waitsSince = null;
  #focus;
  #tryNow = button('secondary', 'banner.tryNow', null, () => this.#talk.conversation?.retryNow());

  /** `act`: `signIn`, `newKeys`, and `focus`, for when what had it is gone. */
  constructor(box, talk, account, act) {
    this.#talk = talk;
    this.#account = account;
    this.#focus = act.focus;
    this.#connection = bannerOf('warn busy', 'refresh', this.#tryNow);
    this.#connection.querySelector('p').after(make('span', 'next'));
    this.#signIn = bannerOf('warn', 'key', button('secondary', 'again.title', null, act.signIn));
    this.#keys = bannerOf('info', 'key', button('primary', 'banner.keysYes', null, act.newKeys), button('secondary', 'banner.keysNo', null, () => talk.refuseKeys()));
    box.append(this.#signIn, this.#connection, this.#keys);
  }

  /** To be called every second, too: it counts down to the next try. */
  update() {
    const { phase, conversation, wantsKeys, peerId } = this.#talk;
    const isTalking = phase === 'talking';
    const asksForSignIn = phase !== 'over' && this.#account.isAsked;
    const isSaid = asksForSignIn && conversation?.reason?.kind === 'unauthenticated';
    const hadFocus = document.activeElement === this.#tryNow;
    show(this.#connection, isTalking && !isSaid ? this.#connectionKey(conversation) : null, { id: peerId });
    this.#tryNow.hidden = !canTryNow(conversation);
    if (hadFocus && (this.#tryNow.hidden || this.#connection.hidden)) {
      this.#focus();
    }
    show(this.#signIn, asksForSignIn ? 'again.banner' : null);
    show(this.#keys, isTalking && wantsKeys ? 'banner.keys' : null, { id: peerId });
    this.#countDown();
  }

  // It stands beside the live region: nobody wants every second read out.
  #countDown() {
    const { retryAt = null } = this.#talk.conversation ?? {};
    const next = this.#connection.querySelector('.next');
    const seconds = Math.ceil((retryAt - Date.now()) / 1000);
    next.hidden = retryAt === null;
    if (!next.hidden) {
      say(next, seconds > 0 ? 'banner.next' : 'banner.now', { seconds });
    }
  }

  #connectionKey({ state, reason }) {
    if (state === 'connected') {
      this.#waitsSince = null;
      return reasons[reason?.kind] ?? null;
    }
    if (reason || state === 'reconnecting') {
      return reasons[reason?.kind] ?? 'banner.lost';
    }
    this.#waitsSince ??= Date.now();
    return Date.now() - this.#waitsSince > patience ? 'banner.connecting' : null;
  }
}

// It stays while a try is under way, so that it does not come and go under the finger. Where the server asked for the wait,
// or waits for the peer itself, there is nothing to hurry.
const canTryNow = conversation => conversation !== null && conversation.retryAt !== null
  && !['rate_limited', 'queue_full'].includes(conversation.reason?.kind);

function bannerOf(tone, icon, ...buttons) {
  const banner = make('div', `banner ${tone}`);
  banner.hidden = true;
  setIcon(banner, icon);
  const text = make('p');
  text.setAttribute('role', 'status');
  banner.append(text);
  if (buttons.length > 0) {
    banner.append(make('div', 'buttons', ...buttons));
  }
  return banner;
}

// The region is there before its words are: only then are they read out.
function show(banner, key, values) {
  banner.hidden = key === null;
  if (key !== null) {
    say(banner.querySelector('p'), key, values);
  }
}
