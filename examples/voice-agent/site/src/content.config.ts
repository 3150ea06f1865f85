import { defineCollection } from 'astro:content';
import { glob } from 'astro/loaders';
import { z } from 'astro/zod';

const trainings = defineCollection({
  loader: glob({ base: './src/content/trainings', pattern: '*.md' }),
  schema: z.object({
    title: z.string(),
    /** Its place in lists. */
    order: z.number(),
    summary: z.string(),
    /** Who the agent plays. */
    counterpart: z.string(),
    /** The counterpart's position. */
    office: z.string(),
    /** Who the executive plays. */
    part: z.string(),
    minutes: z.number(),
    /** The first sentence of a rehearsal: it tells the agent whom to play and where to begin. */
    opening: z.string(),
    /** What the counterpart is likely to say. */
    lines: z.array(z.string()),
    /** What one looks for in the transcript afterwards. */
    listenFor: z.array(z.string()),
  }),
});

export const collections = { trainings };
