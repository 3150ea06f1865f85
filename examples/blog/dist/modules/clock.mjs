import { two, join } from './format.mjs';

/**
 * Shows the reader's local time in an element, once a second.
 * Returns a function that stops it.
 */
export function startClock(element) {
  if (!element) return () => {};
  const show = () => {
    const now = new Date();
    element.textContent = join([now.getHours(), now.getMinutes(), now.getSeconds()].map(two));
  };
  show();
  const timer = setInterval(show, 1000);
  return () => clearInterval(timer);
}
