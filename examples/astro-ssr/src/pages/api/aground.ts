import type { APIRoute } from 'astro';

/** Fails, as things do. */
export const GET: APIRoute = () => {
  throw new Error('the keel has found the sand');
};
