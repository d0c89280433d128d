// Waiting for the peer: for whom, what to tell them, and for how long.
import { button, make, saying } from './dom.js';
import { minutes, say, sayLabel } from './words.js';

const svg = 'http://www.w3.org/2000/svg';
const round = 2 * Math.PI * 46;

export class WaitingView {
  #box;
  #talk;
  #rest;
  #left = make('span');
  #trouble = make('p', 'wait-trouble');

  constructor(box, talk, myId) {
    this.#box = box;
    this.#talk = talk;
    const ring = make('div', 'ring', this.#draw(), this.#left);
    ring.setAttribute('role', 'timer');
    ring.setAttribute('aria-live', 'off');
    sayLabel(ring, 'wait.left');
    this.#trouble.setAttribute('role', 'status');
    box.append(ring, this.#trouble, saying('h3', '', 'wait.title', { id: talk.peerId }), saying('p', '', 'wait.text'),
      make('div', 'me-row', make('b', String(myId).length > 8 ? 'big-id long' : 'big-id', String(myId))), button('secondary', 'wait.cancel', null, () => talk.cancel()));
  }

  update() {
    const { phase, waitTrouble } = this.#talk;
    this.#box.hidden = phase !== 'waiting';
    this.#box.classList.toggle('troubled', waitTrouble !== null);
    // The line is there before its words are: only then are they read out.
    if (waitTrouble === null) {
      this.#trouble.textContent = '';
      delete this.#trouble.dataset.w;
    } else {
      say(this.#trouble, waitTrouble.kind === 'rate_limited' ? 'wait.slow' : 'wait.away');
    }
    this.tick();
  }

  tick() {
    if (!this.#box.hidden) {
      const left = Math.max(0, this.#talk.deadline - Date.now());
      this.#left.textContent = minutes(Math.ceil(left / 1000));
      this.#rest.setAttribute('stroke-dashoffset', round * (1 - left / this.#talk.patience));
    }
  }

  #draw() {
    const drawing = document.createElementNS(svg, 'svg');
    drawing.setAttribute('viewBox', '0 0 100 100');
    drawing.setAttribute('aria-hidden', 'true');
    for (const name of ['track', 'rest']) {
      const circle = document.createElementNS(svg, 'circle');
      for (const [attribute, value] of Object.entries({ class: name, cx: 50, cy: 50, r: 46, 'stroke-dasharray': round })) {
        circle.setAttribute(attribute, value);
      }
      drawing.append(circle);
      this.#rest = circle;
    }
    return drawing;
  }
}
