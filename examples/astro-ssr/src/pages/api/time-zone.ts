import type { APIRoute } from 'astro';

/** The headers that caches act upon, and that therefore have to arrive as they were sent. */
const ECHOED = ['accept', 'accept-encoding', 'cache-control', 'cookie', 'if-match', 'if-modified-since', 'if-none-match', 'if-range', 'range'];

export const GET: APIRoute = ({ request }) =>
  Response.json(
    {
      timeZone: request.cf?.timezone ?? null,
      headers: Object.fromEntries(ECHOED.map((name) => [name, request.headers.get(name)])),
    },
    { headers: { 'Cache-Control': 'no-store', ETag: '"never-the-same"', Vary: 'Cookie' } },
  );
