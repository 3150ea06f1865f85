import cloudflare from '@astrojs/cloudflare';
import preact from '@astrojs/preact';
import { defineConfig } from 'astro/config';

export default defineConfig({
  site: 'https://low-tide.example',
  output: 'server',
  // Images are served as they are: the binding that would resize them is not needed to show one.
  adapter: cloudflare({ imageService: 'passthrough' }),
  integrations: [preact()],
  redirects: {
    '/old-desk': '/desk/',
    '/guides': { status: 302, destination: '/about' },
  },
  // Files of their own for styles and scripts, however small: they are what a packer packs.
  build: { inlineStylesheets: 'never' },
  vite: { build: { assetsInlineLimit: 0 } },
});
