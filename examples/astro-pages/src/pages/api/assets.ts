import type { APIRoute } from 'astro';

/** Asks the asset binding for a path in each way that code does, and reports what it says. */
export const GET: APIRoute = async ({ url, locals }) => {
  const target = new URL(url.searchParams.get('path') ?? '/about/', url);
  const ways = {
    string: target.href,
    url: target,
    request: new Request(target, { headers: { Accept: '*/*' } }),
    // Only this one shows a redirect: the others follow it.
    manual: new Request(target, { redirect: 'manual' }),
  };
  const answers = Object.entries(ways).map(async ([by, input]) => {
    const response = await locals.runtime.env.ASSETS.fetch(input);
    return {
      by,
      status: response.status,
      location: response.headers.get('Location'),
      type: response.headers.get('Content-Type'),
      starts: (await response.text()).slice(0, 15),
    };
  });
  return Response.json(await Promise.all(answers));
};
