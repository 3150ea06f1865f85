import cloudflare from '@astrojs/cloudflare';
import preact from '@astrojs/preact';
import { defineConfig } from 'astro/config';

export default defineConfig({
  site: 'https://ferry-slip.example',
  output: 'server',
  adapter: cloudflare({ imageService: 'passthrough' }),
  integrations: [preact()],
  redirects: { '/departures': '/board/' },
  build: { inlineStylesheets: 'never' },
  vite: { build: { assetsInlineLimit: 0 } },
});
