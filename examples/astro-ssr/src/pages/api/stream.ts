import type { APIRoute } from 'astro';

const STATES = ['high water', 'ebb', 'slack', 'flood', 'high water again'];

/** Reads the tide aloud, one line at a time. */
export const GET: APIRoute = () => {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      for (const [index, state] of STATES.entries()) {
        if (index > 0) await new Promise((resolve) => setTimeout(resolve, 50));
        controller.enqueue(encoder.encode(`${index + 1} ${state}\n`));
      }
      controller.close();
    },
  });
  return new Response(body, { headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' } });
};
