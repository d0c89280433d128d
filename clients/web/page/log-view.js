// What was said, drawn. Rows are only ever added at the end and taken off at the top.
import { iconFor } from './icons.js';
import { make, saying } from './dom.js';
import { clock, say } from './words.js';

const marks = { pending: 'pending', sent: 'done', delivered: 'delivered', failed: 'warning', unsure: 'warning' };
const nearEnd = 60;
const pause = 3 * 60_000;

export class LogView {
  #scroll;
  #list;
  #jump;
  #trimNote = null;
  #items = new WeakMap();
  #last = null;
  #atEnd = true;
  #top = 0;
  #scheduled = false;

  constructor(box, talk) {
    this.#scroll = box.querySelector('.log');
    this.#list = box.querySelector('ol');
    this.#jump = box.querySelector('.jump');
    this.#scroll.addEventListener('scroll', () => this.#watch(), { passive: true });
    // Whatever comes or goes above and below the log: who read its end goes on reading it.
    new ResizeObserver(() => this.toEnd()).observe(this.#scroll);
    this.#jump.addEventListener('click', () => {
      this.#atEnd = true;
      this.toEnd();
      this.#scroll.focus();
    });
    talk.addEventListener('row', event => this.#add(event.detail, talk));
    talk.addEventListener('mark', event => this.#mark(event.detail));
    talk.addEventListener('trim', event => this.#trim(event.detail, talk));
  }

  /** Shows the end, if the reader was there. */
  toEnd() {
    if (!this.#scheduled) {
      this.#scheduled = true;
      requestAnimationFrame(() => {
        this.#scheduled = false;
        if (this.#atEnd) {
          this.#scroll.scrollTop = this.#scroll.scrollHeight;
          this.#jump.hidden = true;
        }
      });
    }
  }

  #add(row, talk) {
    const item = row.kind === 'note' ? noteOf(row) : this.#messageOf(row, talk);
    this.#items.set(row, item);
    this.#list.append(item);
    this.#last = row;
    if (row.kind === 'mine') {
      this.#atEnd = true;
    }
    this.#jump.hidden = this.#atEnd;
    this.toEnd();
  }

  #messageOf(row, talk) {
    const begins = this.#last?.kind !== row.kind || row.at - this.#last.at > pause;
    const item = make('li', `said ${row.kind}${begins ? ' first' : ''}`);
    const text = make('p');
    text.dir = 'auto';
    text.textContent = row.text;
    const foot = make('small');
    const time = make('time');
    time.dateTime = new Date(row.at).toISOString();
    time.textContent = clock(row.at);
    foot.append(time);
    if (row.kind === 'mine') {
      foot.append(make('span', 'mark'));
    }
    item.append(row.kind === 'mine' ? saying('span', 'unseen', 'you') : saying('span', 'unseen', 'user', { id: talk.peerId }), text, foot);
    this.#items.set(row, item);
    this.#mark(row);
    return item;
  }

  #mark(row) {
    const item = this.#items.get(row);
    const mark = item?.querySelector('.mark');
    if (mark) {
      const isBad = row.mark === 'failed' || row.mark === 'unsure';
      mark.className = `mark ${row.mark}`;
      mark.replaceChildren(iconFor(marks[row.mark]), saying('span', isBad ? '' : 'unseen', `mark.${row.mark}`));
      item.classList.toggle('failed', row.mark === 'failed');
    }
  }

  #trim(row, talk) {
    this.#items.get(row)?.remove();
    if (talk.rows.length === 0) {
      this.#trimNote?.remove();
      this.#last = null;
    } else if (this.#trimNote === null) {
      this.#trimNote = noteOf({ tone: 'plain', icon: 'info', key: 'note.trimmed' });
      this.#list.prepend(this.#trimNote);
    }
  }

  #watch() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
    if (scrollHeight - scrollTop - clientHeight < nearEnd) {
      this.#atEnd = true;
      this.#jump.hidden = true;
    } else if (scrollTop < this.#top) {
      this.#atEnd = false; // Only who goes up leaves the end: a log that grows or shrinks moves nobody.
    }
    this.#top = scrollTop;
  }
}

function noteOf({ tone, icon, key, values }) {
  return make('li', `note ${tone}`, iconFor(icon), say(make('p'), key, values));
}
