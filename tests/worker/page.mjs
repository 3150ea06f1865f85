// Measurements in an open page. All functions take Playwright's `Page`.

/**
 * Waits until every island is hydrated, every image decoded and every font loaded. Scrolls to those
 * that load when visible. Fails if an image cannot be shown.
 */
export function settled(page) {
  return page.evaluate(async () => {
    const islands = [...document.querySelectorAll('astro-island[ssr]')];
    for (const island of islands) {
      // The island's own element has no box.
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

/** Returns the number of pixels by which a page is wider than the window. */
export function overflow(page) {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));
}

/** Returns the brightness of a page's background, from 0 to 1. */
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

/** Returns the targets of a page's links within its site: paths with queries, without fragments. */
export function links(page) {
  return page.evaluate(() => {
    const urls = [...document.querySelectorAll('a[href]')].map((link) => new URL(link.href));
    const own = urls.filter((url) => url.origin === location.origin);
    return [...new Set(own.map((url) => url.pathname + url.search))];
  });
}
