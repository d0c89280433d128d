// Where one writes.
import { setLine } from './dom.js';

const typingPause = 5_000;
const bytes = new TextEncoder();

export class Composer {
  #form;
  #text;
  #fault;
  #talk;
  #maxBytes;
  #idle = null;

  constructor(form, talk, maxBytes) {
    this.#form = form;
    this.#text = form.querySelector('textarea');
    this.#fault = form.querySelector('.fault');
    this.#talk = talk;
    this.#maxBytes = maxBytes;
    this.#text.id = `write-${talk.peerId}`;
    this.#text.name = this.#text.id;
    form.querySelector('label').htmlFor = this.#text.id;
    this.#text.addEventListener('input', () => this.#typed());
    this.#text.addEventListener('blur', () => this.#stop());
    this.#text.addEventListener('keydown', event => this.#key(event));
    form.addEventListener('submit', event => {
      event.preventDefault();
      this.#send();
    });
  }

  update() {
    this.#form.hidden = this.#talk.phase !== 'talking' || this.#talk.compared === 'differs';
  }

  focus() {
    this.#text.focus();
  }

  // While an input method is open, Enter chooses a word and does not send.
  #key(event) {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#send();
    }
  }

  #typed() {
    this.#check();
    clearTimeout(this.#idle);
    if (this.#text.value === '') {
      this.#stop();
    } else {
      this.#talk.setTyping(true);
      this.#idle = setTimeout(() => this.#stop(), typingPause);
    }
  }

  #stop() {
    clearTimeout(this.#idle);
    this.#talk.setTyping(false);
  }

  #send() {
    if (this.#text.value.trim() === '' || !this.#check()) {
      return;
    }
    try {
      this.#talk.send(this.#text.value);
      this.#text.value = '';
      this.#stop();
    } catch (error) {
      if (error.kind === 'outbox_full') {
        setLine(this.#fault, 'talk.full');
      } else if (this.#talk.phase === 'talking') {
        throw error; // After the end the trouble says it.
      }
    }
    this.focus();
  }

  #check() {
    const over = bytes.encode(this.#text.value).length - this.#maxBytes;
    setLine(this.#fault, over > 0 ? 'talk.tooLong' : null, { bytes: over });
    return over <= 0;
  }
}
