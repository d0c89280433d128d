// The safety number, and what came of comparing it; with a server's key, why there is none.
import { announce } from './announce.js';
import { button, make, saying, setIcon } from './dom.js';
import { say, sayLabel } from './words.js';

export class SafetyView {
  #box;
  #toggle;
  #talk;
  #end;
  #shown = null;
  #drawn = null;

  /** `end` ends the conversation. */
  constructor(box, toggle, talk, end) {
    this.#box = box;
    this.#toggle = toggle;
    this.#talk = talk;
    this.#end = end;
    toggle.addEventListener('click', () => this.#open(box.hidden));
  }

  update() {
    const { phase, conversation, compared } = this.#talk;
    this.#toggle.hidden = phase !== 'talking';
    if (phase !== 'talking') {
      this.#box.hidden = true;
      this.#shown = this.#drawn = null;
      return;
    }
    if (this.#shown !== conversation) {
      this.#shown = conversation;
      this.#open(true); // Nobody compares what they have to look for.
    }
    const state = conversation.safetyNumber === null ? 'server' : compared;
    if (this.#drawn !== state) {
      this.#drawn = state;
      this.#draw(state);
    }
  }

  #open(open) {
    this.#box.hidden = !open;
    this.#toggle.setAttribute('aria-expanded', open);
  }

  #draw(state) {
    const [icon, key] = { no: ['shield', 'safety.open'], same: ['shield-done', 'safety.done'], differs: ['shield-open', 'safety.bad'], server: ['shield-open', 'safety.server'] }[state];
    setIcon(this.#toggle, icon);
    say(this.#toggle.querySelector('span'), key);
    this.#toggle.classList.toggle('done', state === 'same');
    this.#toggle.classList.toggle('bad', state === 'differs');
    this.#box.classList.toggle('bad', state === 'differs');
    this.#box.replaceChildren(...this.#content(state));
    sayLabel(this.#box, this.#box.querySelector('h3').dataset.w);
  }

  #content(state) {
    const hide = button('secondary', 'safety.hide', null, () => this.#hide());
    switch (state) {
      case 'server':
        return [saying('h3', '', 'server.title'), saying('p', '', 'server.text'),
          ...(this.#shown.keyIsShort ? [saying('p', 'fault', 'server.short')] : []), make('div', 'buttons', hide)];
      case 'same':
        return [saying('h3', '', 'safety.number'), saying('p', '', 'safety.doneText'), this.#number(), make('div', 'buttons', hide)];
      case 'differs':
        return [saying('h3', '', 'safety.badTitle'), saying('p', '', 'safety.badText'), this.#number(),
          make('div', 'buttons', button('danger', 'end.yes', 'end', this.#end))];
      default:
        return [saying('h3', '', 'safety.title'), saying('p', '', 'safety.text'), this.#number(), make('div', 'buttons',
          button('primary', 'safety.match', 'shield-done', () => this.#answer('same')),
          button('secondary', 'safety.differ', null, () => this.#answer('differs')),
          button('quiet', 'later', null, () => this.#hide()))];
    }
  }

  #number() {
    const number = make('div', 'number', ...this.#shown.safetyNumber.split(' ').map(group => make('span', '', group)));
    number.setAttribute('role', 'group');
    number.setAttribute('aria-label', this.#shown.safetyNumber);
    return number;
  }

  #answer(result) {
    this.#talk.compare(result);
    if (result === 'same') {
      announce('safety.doneText');
      this.#hide();
    } else {
      this.#box.focus();
    }
  }

  #hide() {
    this.#open(false);
    this.#toggle.focus();
  }
}
