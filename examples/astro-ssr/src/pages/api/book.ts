import type { APIRoute } from 'astro';
import { findWalk } from '../../lib/walks';

/** Books places: 201 with a reference and two cookies, of which Astro sets one. */
export const POST: APIRoute = async ({ request, cookies }) => {
  const order = await request.json().catch(() => undefined);
  const walk = findWalk(order?.walk);
  const places = Number(order?.places);
  if (!walk) return Response.json({ error: 'no such walk' }, { status: 400 });
  if (!Number.isInteger(places) || places < 1 || places > 12) {
    return Response.json({ error: 'one to twelve places' }, { status: 400 });
  }
  const reference = `LT-${walk.code}-${places}`;
  cookies.set('booking', reference, { path: '/', httpOnly: true, sameSite: 'lax' });
  return Response.json(
    { reference, walk: walk.name, places, total: places * walk.price },
    {
      status: 201,
      headers: { Location: `/walks/${walk.slug}/`, 'Set-Cookie': `party=${places}; Path=/; SameSite=Lax` },
    },
  );
};
