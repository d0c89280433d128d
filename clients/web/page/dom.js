// Small helpers around the document. Text is only ever set as text, so nothing that a peer writes becomes markup.
import { iconFor } from './icons.js';
import { say, sayHint, sayLabel } from './words.js';

/** The element with this id. */
export const byId = id => document.getElementById(id);

/** A new element: `make('p', 'hint', 'rail.none')` or with children instead of words. */
export function make(tag, className = '', ...content) {
  const element = document.createElement(tag);
  if (className) {
    element.className = className;
  }
  element.append(...content);
  return element;
}

/** A new element that says these words, in whatever language is chosen. */
export const saying = (tag, className, key, values) => say(make(tag, className), key, values);

/** A new button. `icon` may be null. */
export function button(className, key, icon, onClick) {
  const element = make('button', className);
  element.type = 'button';
  if (icon) {
    element.append(iconFor(icon));
  }
  element.append(saying('span', '', key));
  element.addEventListener('click', onClick);
  return element;
}

/** What stands in a template, with its words and icons in place. */
export function fromTemplate(id) {
  const copy = byId(id).content.firstElementChild.cloneNode(true);
  dress(copy);
  return copy;
}

/** Puts words, labels and icons where the markup asks for them. */
export function dress(root) {
  const all = selector => [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)];
  for (const element of all('[data-w]')) {
    say(element, element.dataset.w);
  }
  for (const element of all('[data-label]')) {
    sayLabel(element, element.dataset.label);
  }
  for (const element of all('[data-hint]')) {
    sayHint(element, element.dataset.hint);
  }
  for (const element of all('[data-icon]')) {
    setIcon(element, element.dataset.icon);
  }
}

/** Shows this icon first in the element, in place of the one before. */
export function setIcon(element, name) {
  element.querySelector(':scope > svg.icon')?.remove();
  element.prepend(iconFor(name));
}

/** Shows a sentence in a line that is hidden while it has none. */
export function setLine(element, key, values) {
  element.hidden = !key;
  if (key) {
    say(element, key, values);
  } else {
    element.textContent = '';
  }
}
