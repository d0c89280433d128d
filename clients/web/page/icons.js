// Line icons of 24 by 24, drawn here: an icon font or a sprite would be one more thing to fetch.
const paths = {
  'theme-auto': 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 3v18M12 7.5a4.5 4.5 0 0 1 0 9',
  'theme-light': 'M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  'theme-dark': 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z',
  back: 'M14.5 5.5L8 12l6.5 6.5',
  copy: 'M9 9h10v11H9zM15 9V4H5v11h4',
  done: 'M5 12.5l4.5 4.5L19 7',
  delivered: 'M2.5 12.5l4.5 4.5L15.5 7.5M11.5 16.5l.5.5L21.5 7.5',
  down: 'M12 5v14M6 13l6 6l6-6',
  end: 'M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7M10.5 11v5M13.5 11v5',
  eye: 'M2.5 12S6 5.5 12 5.5S21.5 12 21.5 12S18 18.5 12 18.5S2.5 12 2.5 12zM12 9.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6',
  key: 'M8.5 11.5a4 4 0 1 0 0 8a4 4 0 1 0 0-8M11.5 12.5L20 4M16.5 7.5l3 3M14 10l2 2',
  leave: 'M14 4h5v16h-5M10.5 8l-4 4l4 4M6.5 12H15',
  pending: 'M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16M12 8v4.2l2.8 1.8',
  send: 'M4 12l16-7l-5 15l-3.5-6.5zM11.5 13.5L20 5',
  shield: 'M12 3l7.5 2.5v6c0 4.5-3 8-7.5 9.5c-4.5-1.5-7.5-5-7.5-9.5v-6z',
  'shield-done': 'M12 3l7.5 2.5v6c0 4.5-3 8-7.5 9.5c-4.5-1.5-7.5-5-7.5-9.5v-6zM8.5 12l2.5 2.5l4.5-5',
  'shield-open': 'M12 3l7.5 2.5v6c0 4.5-3 8-7.5 9.5c-4.5-1.5-7.5-5-7.5-9.5v-6zM12 8.5v4M12 15.6v.1',
  talk: 'M4 5h16v11h-9l-4.5 4v-4H4zM8.5 9h7M8.5 12h4.5',
  warning: 'M12 4L2.8 19.5h18.4zM12 10v4.5M12 17v.1',
  refresh: 'M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.5 3.5v4.2h-4.2',
  info: 'M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17M12 11v5.5M12 7.7v.1',
};

const svg = 'http://www.w3.org/2000/svg';

/** An icon that is only seen: what it means must stand beside it in words. */
export function iconFor(name) {
  const icon = document.createElementNS(svg, 'svg');
  icon.setAttribute('viewBox', '0 0 24 24');
  icon.setAttribute('aria-hidden', 'true');
  icon.setAttribute('class', `icon icon-${name}`);
  const path = document.createElementNS(svg, 'path');
  path.setAttribute('d', paths[name]);
  icon.append(path);
  return icon;
}
