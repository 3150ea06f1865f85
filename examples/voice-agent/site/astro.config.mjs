import cloudflare from '@astrojs/cloudflare';
import preact from '@astrojs/preact';
import { defineConfig } from 'astro/config';

export default defineConfig({
  site: 'https://second-chair.example',
  // Everything is prerendered except pages that say `prerender = false`: here, the account.
  output: 'static',
  trailingSlash: 'ignore',
  adapter: cloudflare({ imageService: 'passthrough', sessionKVBindingName: 'SESSIONS' }),
  integrations: [preact()],
  session: { cookie: { name: 'second-chair', sameSite: 'lax' }, ttl: 60 * 60 * 24 * 30 },
  security: {
    // The default, named because the account's forms rely on it.
    checkOrigin: true,
    // The voice API is on the site's own origin, so no other host appears here.
    csp: {
      algorithm: 'SHA-256',
      directives: [
        "default-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "img-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
      ],
    },
  },
  // No page has code to highlight, and highlighted code has style attributes, which the policy forbids.
  markdown: { syntaxHighlight: false },
  // Files of their own for styles and scripts, however small: they are what a packer packs.
  build: { inlineStylesheets: 'never' },
  vite: { build: { assetsInlineLimit: 0 } },
});
