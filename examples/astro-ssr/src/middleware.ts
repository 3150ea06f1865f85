import { defineMiddleware } from 'astro:middleware';

/** Marks what the server rendered; a file that was prerendered does not pass here again. */
export const onRequest = defineMiddleware(async (context, next) => {
  const response = await next();
  if (!context.isPrerendered) {
    response.headers.set('X-Desk', `open; ${context.request.method}`);
  }
  return response;
});
