import starlight from '@astrojs/starlight';
import { defineConfig } from 'astro/config';

const group = (label, directory) => ({ label, items: [{ autogenerate: { directory } }] });

export default defineConfig({
  site: 'https://lantern.example',
  integrations: [
    starlight({
      title: 'Lantern',
      description: 'Everything there is to know about Lantern.',
      customCss: ['./src/styles/lantern.css'],
      editLink: { baseUrl: 'https://lantern.example/edit/' },
      // Two sections have but their overview here, as large sites do it with generated pages.
      sidebar: [
        group('Tutorials', 'tutorials'),
        group('Guides', 'guides'),
        group('Concepts', 'concepts'),
        group('Reference', 'reference'),
        group('Command line', 'cli'),
        { slug: 'api' },
        { slug: 'errors' },
      ],
    }),
  ],
});
