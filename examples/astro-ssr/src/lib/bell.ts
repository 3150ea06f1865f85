/** The bell in the footer of each page: a script that all pages share. */
const button = document.querySelector<HTMLButtonElement>('[data-testid=bell]');
const text = document.querySelector('[data-testid=clock]');
let rings = 0;

button?.addEventListener('click', () => {
  rings += 1;
  if (text) text.textContent = rings === 1 ? 'The bell was rung once.' : `The bell was rung ${rings} times.`;
  // A browser without sound still counts.
  void new Audio('/sound/bell.wav').play().catch(() => undefined);
});
