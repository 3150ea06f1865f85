import preact from '@astrojs/preact';
import sitemap from '@astrojs/sitemap';
import svelte from '@astrojs/svelte';
import { defineConfig } from 'astro/config';

export default defineConfig({
  site: 'https://field-notes.example',
  output: 'static',
  integrations: [
    preact({ include: ['**/*.tsx'] }),
    svelte(),
    sitemap({ filter: (page) => !page.includes('/404') }),
  ],
  markdown: {
    shikiConfig: {
      themes: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
      defaultColor: false,
    },
  },
  vite: {
    // Source maps are wanted in dist/: a packer has to know to leave them out.
    build: { sourcemap: true },
  },
});
