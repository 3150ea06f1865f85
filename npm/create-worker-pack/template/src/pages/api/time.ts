import type { APIRoute } from 'astro';

export const prerender = false;

export const GET: APIRoute = () =>
  Response.json({ time: new Date().toISOString() }, { headers: { 'Cache-Control': 'no-store' } });
