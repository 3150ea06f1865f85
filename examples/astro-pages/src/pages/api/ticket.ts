import type { APIRoute } from 'astro';

/** Sells tickets: 201 with a number and two cookies, of which Astro sets one. */
export const POST: APIRoute = async ({ request, cookies }) => {
  const order = await request.json().catch(() => undefined);
  const passengers = Number(order?.passengers);
  if (!Number.isInteger(passengers) || passengers < 1 || passengers > 19) {
    return Response.json({ error: 'one to nineteen aboard' }, { status: 400 });
  }
  const ticket = `FS-${String(passengers).padStart(2, '0')}`;
  cookies.set('ticket', ticket, { path: '/', httpOnly: true, sameSite: 'lax' });
  return Response.json(
    { ticket, passengers },
    { status: 201, headers: { 'Set-Cookie': `aboard=${passengers}; Path=/; SameSite=Lax` } },
  );
};
