import type { APIRoute } from 'astro';

/** Counts the visits of a session, which the adapter keeps in KV. */
export const GET: APIRoute = async ({ session }) => {
  const visits = Number((await session?.get('visits')) ?? 0) + 1;
  session?.set('visits', visits);
  return Response.json({ visits }, { headers: { 'Cache-Control': 'no-store' } });
};
