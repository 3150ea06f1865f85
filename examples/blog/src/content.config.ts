import { glob } from 'astro/loaders';
import { defineCollection } from 'astro:content';
import { z } from 'astro/zod';

const posts = defineCollection({
  loader: glob({ pattern: '**/*.md', base: './src/content/posts' }),
  schema: ({ image }) =>
    z.object({
      title: z.string(),
      summary: z.string(),
      date: z.coerce.date(),
      author: z.enum(['ines', 'tomasz', 'maribel']),
      tags: z.array(z.string()),
      cover: image().optional(),
      coverAlt: z.string().optional(),
      // Raw JSON number literals that must survive the trip to the page as written.
      ledgerId: z.string().regex(/^\d+$/).optional(),
      revision: z.string().regex(/^\d+\.\d+$/).default('1.0'),
    }),
});

export const collections = { posts };
