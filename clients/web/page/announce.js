// Says to a screen reader what is only seen otherwise.
import { byId } from './dom.js';
import { sentence } from './words.js';

/** When the reader has a moment. */
export const announce = (key, values) => put(byId('polite'), sentence(key, values));

/** At once. */
export const alarm = (key, values) => put(byId('urgent'), sentence(key, values));

function put(region, text) {
  region.textContent = '';
  region.textContent = text; // Emptied first, so that the same words are read again.
}
