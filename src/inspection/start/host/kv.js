// KV in the memory of a Worker, in the protocol by which workerd asks a namespace.

const values = new Map();

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const key = decodeURIComponent(pathname.slice(1));
    if (request.method === 'PUT') {
      values.set(key, await request.arrayBuffer());
      return new Response();
    }
    if (request.method === 'DELETE') {
      values.delete(key);
      return new Response();
    }
    if (request.method === 'POST') {
      const { keys = [] } = await request.json();
      return Response.json(Object.fromEntries(keys.map((name) => [name, null])));
    }
    if (key === '') return Response.json({ keys: [], list_complete: true });
    const value = values.get(key);
    return value === undefined ? new Response(null, { status: 404 }) : new Response(value);
  },
};
