import { useEffect, useState } from 'preact/hooks';

const order = ['auto', 'light', 'dark'] as const;
type Theme = (typeof order)[number];

/** Walks through auto, light and dark; the root element carries the choice. */
export default function ThemeToggle() {
  const [theme, setTheme] = useState<Theme>('auto');

  useEffect(() => {
    setTheme((document.documentElement.dataset.theme as Theme) || 'auto');
  }, []);

  function next() {
    const chosen = order[(order.indexOf(theme) + 1) % order.length];
    setTheme(chosen);
    document.documentElement.dataset.theme = chosen;
    try {
      localStorage.setItem('field-notes:theme', chosen);
    } catch {
      // The choice then lasts for this page only.
    }
    document.dispatchEvent(new CustomEvent('themechange', { detail: chosen }));
  }

  return (
    <button type="button" class="toggle" data-testid="theme-toggle" onClick={next}>
      Theme: {theme}
    </button>
  );
}
