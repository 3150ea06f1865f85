// What is looked at in a page that is open. All functions take Playwright's page.

/**
 * Waits until a page is complete: scrolls to what waits for that, until each island is awake, each
 * image decoded and each typeface there. Fails if there is an image that cannot be shown.
 */
export function settled(page) {
  return page.evaluate(async () => {
    const islands = [...document.querySelectorAll('astro-island[ssr]')];
    for (const island of islands) {
      // An island has no box of its own.
      island.firstElementChild?.scrollIntoView();
      while (island.hasAttribute('ssr')) {
        await new Promise((resolve) => {
          const observer = new MutationObserver(() => (observer.disconnect(), resolve()));
          observer.observe(island, { attributeFilter: ['ssr'] });
        });
      }
    }
    for (const image of document.images) {
      image.scrollIntoView();
      if (!image.complete) {
        await new Promise((resolve) => {
          for (const event of ['load', 'error'])
            image.addEventListener(event, resolve, { once: true });
        });
      }
      await image.decode().catch(() => {
        throw new Error(`${location} cannot show ${image.currentSrc || image.src}`);
      });
    }
    await document.fonts.ready;
    scrollTo(0, 0);
  });
}

/** Returns by how many pixels a page is wider than the window. */
export function overflow(page) {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));
}

/** Returns how bright the background of a page is, from 0 to 1. */
export function brightness(page) {
  return page.evaluate(() => {
    const colours = [document.body, document.documentElement].map(
      (element) => getComputedStyle(element).backgroundColor,
    );
    const colour = colours.find((colour) => !colour.startsWith('rgba(0, 0, 0, 0'));
    const [red, green, blue] = colour.match(/[\d.]+/g).map(Number);
    return (red + green + blue) / (3 * 255);
  });
}

/** Returns where the links of a page lead within its site: paths, with a query and no fragment. */
export function links(page) {
  return page.evaluate(() => {
    const urls = [...document.querySelectorAll('a[href]')].map((link) => new URL(link.href));
    const own = urls.filter((url) => url.origin === location.origin);
    return [...new Set(own.map((url) => url.pathname + url.search))];
  });
}
