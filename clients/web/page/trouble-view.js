// A conversation that is over: why, and what to do next.
import { button, make, saying } from './dom.js';
import { iconFor } from './icons.js';

// What can be done, by why it is over. What is not listed can be tried again.
const ways = {
  peer_absent: ['again'], rate_limited: ['again'], server_unavailable: ['again'], key_mode_mismatch: ['again'],
  session_ended: ['newKeys'], session_lost: ['newKeys'], taken_over: ['newKeys'], cancelled: ['newKeys'], queue_full: ['newKeys'],
  unauthenticated: ['signIn'], not_permitted: [], key_substituted: [], unsupported: [], end_unheard: [],
};
const told = new Set([...Object.keys(ways), 'protocol_violation']);

const kindOf = error => told.has(error?.kind) ? error.kind : 'other';

/** What is said first about this. */
export const titleOf = error => `why.${kindOf(error)}.title`;

export class TroubleView {
  #box;
  #talk;
  #act;
  #shown = null;

  /** `act`: `meet` and `signIn`. */
  constructor(box, talk, act) {
    this.#box = box;
    this.#talk = talk;
    this.#act = act;
  }

  /** Gives whether it has just come up: then the focus is better there than nowhere. */
  update() {
    const { phase, error, rows, peerId } = this.#talk;
    const isOver = phase === 'over';
    const isNew = isOver && this.#shown !== error;
    this.#box.hidden = !isOver;
    if (!isOver) {
      this.#shown = null;
    } else if (isNew) {
      this.#shown = error;
      this.#draw(kindOf(error), rows.length > 0, peerId);
    }
    return isNew;
  }

  #draw(kind, isBelow, id) {
    const isAlarm = kind === 'key_substituted';
    this.#box.classList.toggle('below', isBelow);
    this.#box.classList.toggle('alarm', isAlarm);
    const buttons = (ways[kind] ?? ['again']).map(way => button('primary', `trouble.${way}`, null, way === 'signIn' ? this.#act.signIn : this.#act.meet));
    this.#box.replaceChildren(
      iconFor(isAlarm ? 'shield-open' : 'warning'),
      saying('h3', '', `why.${kind}.title`, { id }),
      saying('p', '', `why.${kind}.text`, { id }),
      ...(this.#talk.unsent > 0 ? [saying('p', '', 'why.unsent')] : []),
      make('div', 'buttons', ...buttons, button('secondary', 'trouble.remove', null, () => this.#talk.remove())));
  }
}
