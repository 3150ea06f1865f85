import cloudflare from '@astrojs/cloudflare';
import preact from '@astrojs/preact';
import react from '@astrojs/react';
import solid from '@astrojs/solid-js';
import svelte from '@astrojs/svelte';
import vue from '@astrojs/vue';
import { defineConfig } from 'astro/config';

export default defineConfig({
  site: 'https://five-gauges.example',
  output: 'static',
  adapter: cloudflare({ imageService: 'passthrough' }),
  integrations: [
    react({ include: ['**/react/*'] }),
    preact({ include: ['**/preact/*'] }),
    solid({ include: ['**/solid/*'] }),
    svelte(),
    vue(),
  ],
  markdown: { shikiConfig: { theme: 'github-dark' } },
});
