import type { APIRoute } from 'astro';

/** Says the height of the water at an hour; the table is loaded only when it is asked for. */
export const GET: APIRoute = async ({ url }) => {
  const { heightAt } = await import('../../lib/tides');
  const hour = Number(url.searchParams.get('hour') ?? 0);
  return Response.json({ hour, centimetres: heightAt(hour) });
};
