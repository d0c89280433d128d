// One conversation, drawn: puts its parts together and keeps the focus where it helps.
import { Conversation } from '../im-client.js';
import { alarm, announce } from './announce.js';
import { Banners } from './banners.js';
import { Composer } from './composer.js';
import { confirms } from './dialogs.js';
import { fromTemplate } from './dom.js';
import { LogView } from './log-view.js';
import { SafetyView } from './safety-view.js';
import { TroubleView } from './trouble-view.js';
import { WaitingView } from './waiting-view.js';
import { say } from './words.js';

export class TalkView {
  element = fromTemplate('talk-view');
  #talk;
  #log;
  #parts;
  #trouble;
  #composer;
  #waiting;
  #banners;
  #phase = null;

  /** `act`: `back` and `signIn`. */
  constructor(talk, account, act) {
    this.#talk = talk;
    const part = name => this.element.querySelector(name);
    this.element.setAttribute('aria-labelledby', `talk-${talk.peerId}`);
    part('.talk-name').id = `talk-${talk.peerId}`;
    say(part('.talk-name'), 'user', { id: talk.peerId });
    dressAvatar(part('.avatar'), talk.peerId);
    part('.back').addEventListener('click', act.back);
    part('.end').addEventListener('click', () => this.#end());
    const again = { meet: () => talk.meet(), signIn: async () => await act.signIn() && talk.meet() };
    this.#log = new LogView(part('.log-box'), talk);
    this.#banners = new Banners(part('.banners'), talk, account, { signIn: act.signIn, newKeys: () => talk.meet(), focus: () => this.focus() });
    this.#waiting = new WaitingView(part('.waiting'), talk, account.id);
    this.#trouble = new TroubleView(part('.trouble'), talk, again);
    this.#composer = new Composer(part('.composer'), talk, Conversation.maxTextBytes);
    this.#parts = [this.#banners, this.#waiting, this.#composer, new SafetyView(part('.safety'), part('.safety-toggle'), talk, () => this.#end())];
    talk.addEventListener('change', () => this.update());
    account.addEventListener('needed', () => this.update());
    account.addEventListener('renewed', () => this.update());
    this.update();
  }

  update() {
    const { phase, rows, online, typing, peerId } = this.#talk;
    const part = name => this.element.querySelector(name);
    for (const each of this.#parts) {
      each.update();
    }
    const isNewTrouble = this.#trouble.update();
    part('.log-box').hidden = phase === 'waiting' || rows.length === 0;
    part('.end').hidden = phase !== 'talking';
    part('.dot').classList.toggle('on', online);
    const isConnected = phase === 'talking' && this.#talk.conversation.state === 'connected';
    say(part('.presence-text'), { waiting: 'talk.notYet', talking: !isConnected ? 'talk.offline' : online ? 'talk.here' : 'talk.away', over: 'talk.over' }[phase]);
    if (typing) {
      say(part('.typing'), 'talk.typing', { id: peerId });
    } else {
      part('.typing').textContent = '';
      delete part('.typing').dataset.w;
    }
    part('.typing').hidden = phase !== 'talking';
    if (this.#phase !== phase || isNewTrouble) {
      this.#phase = phase;
      this.#entered(phase);
    }
  }

  tick() {
    this.#banners.update();
    this.#waiting.tick();
  }

  show() {
    this.element.hidden = false;
    this.#log.toEnd();
    this.focus();
  }

  /** Where one goes on: the field to write in, the trouble, or the conversation itself. */
  focus() {
    const field = this.element.querySelector('.composer');
    const trouble = this.element.querySelector('.trouble');
    if (!field.hidden) {
      this.#composer.focus();
    } else {
      (trouble.hidden ? this.element : trouble).focus();
    }
  }

  // What had the focus may have gone with the phase. Elsewhere on the page it is not taken away.
  #entered(phase) {
    if (this.element.hidden) {
      return;
    }
    const { activeElement } = document;
    if (activeElement === document.body || this.element.contains(activeElement)) {
      this.focus();
    }
    if (phase === 'talking') {
      announce('said.connected', { id: this.#talk.peerId });
    } else if (phase === 'over') {
      alarm(this.element.querySelector('.trouble h3').dataset.w, { id: this.#talk.peerId });
    }
  }

  async #end() {
    if (await confirms('end')) {
      await this.#talk.end();
    }
  }
}

/** A disc in one of six colours, with the last two digits of the id. */
export function dressAvatar(element, id) {
  element.classList.add(`tint-${id % 6}`);
  element.textContent = String(id).slice(-2);
}
