// A server with handlers of every kind. It answers with what it got.

import { DurableObject, WorkerEntrypoint, env as imported } from 'cloudflare:workers';

/** Bindings, read while this module is loaded. */
const { ASSETS, GREETING } = imported;

/** What happened after responses and in other handlers, and the errors in the log. */
const events = [];
const { error } = console;
console.error = (...parts) => {
  events.push(parts.map(String).join(' '));
  error(...parts);
};

/** The names of streams that may go on. */
const released = new Set();

async function text(response) {
  return (await response).text();
}

/** Asks a binding for a path in each way that code does. */
async function ways(assets, target) {
  const inputs = {
    string: target.href,
    url: target,
    request: new Request(target, { headers: { 'accept-encoding': 'br' } }),
    manual: new Request(target, { redirect: 'manual' }),
  };
  const answers = Object.entries(inputs).map(async ([by, input]) => {
    const response = await assets.fetch(input);
    const fields = ['location', 'content-type', 'content-encoding', 'etag', 'x-frame-options'];
    const values = fields.map((name) => response.headers.get(name));
    return [by, response.status, ...values, await response.text()];
  });
  return Promise.all(answers);
}

/** Returns a stream whose parts are made one after the other, when other requests ask for them. */
function parts(name, fails) {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async start(controller) {
      for (const part of ['one', 'two', 'three']) {
        controller.enqueue(encoder.encode(part));
        // Not a promise of the other request, which this one cannot wait for.
        while (!released.delete(name)) await scheduler.wait(1);
        if (fails && part === 'two') throw new Error('the stream fails');
      }
      controller.close();
    },
  });
}

const answers = {
  '/request': async (request, env) =>
    Response.json({
      method: request.method,
      url: request.url,
      field: request.headers.get('x-field'),
      body: request.body === null ? null : await request.text(),
      cf: typeof request.cf,
      greeting: env.GREETING,
      imported: [imported.GREETING, GREETING],
      note: await text(ASSETS.fetch('https://site.invalid/note.txt')),
    }),
  '/echo': (request) => new Response(request.body, { headers: { 'x-echo': 'yes' } }),
  '/assets': async (request, env, ctx, url) => {
    const target = new URL(url.searchParams.get('path'), url);
    return Response.json([await ways(env.ASSETS, target), await ways(imported.ASSETS, target)]);
  },
  '/wait': (request, env, ctx) => {
    ctx.waitUntil(scheduler.wait(10).then(() => events.push('waited')));
    return new Response('waiting');
  },
  '/events': () => Response.json(events),
  '/parts': (request, env, ctx, url) => new Response(parts(url.search, false)),
  '/cut': (request, env, ctx, url) => new Response(parts(url.search, true)),
  '/slow': async (request, env, ctx, url) => {
    events.push(`begun: ${url.search}`);
    while (!released.delete(url.search)) await scheduler.wait(1);
    return new Response('slow');
  },
  '/next': (request, env, ctx, url) => {
    released.add(url.search);
    return new Response(null, { status: 204 });
  },
  '/throw': () => {
    throw new Error('the server fails');
  },
  '/reject': async () => {
    throw new Error('the server fails later');
  },
  '/throw-text': () => {
    throw 'a text';
  },
  '/nothing': () => undefined,
  '/cookies': () => {
    const headers = new Headers({ 'content-type': 'text/plain' });
    headers.append('set-cookie', 'a=1');
    headers.append('set-cookie', 'b=2');
    return new Response('cookies', { headers });
  },
  '/redirect': (request, env, ctx, url) => Response.redirect(new URL('/page/', url), 303),
  '/empty': () => new Response(null, { status: 204 }),
  '/socket': () => {
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    server.addEventListener('message', ({ data }) => server.send(`echo ${data}`));
    return new Response(null, { status: 101, webSocket: client });
  },
  '/guarded/': (request, env) =>
    request.headers.has('x-key') ? env.ASSETS.fetch(request) : new Response('no', { status: 403 }),
  '/object': async (request, env) => new Response(await env.SERVER_OBJECT.getByName('one').hello()),
  '/named': async (request, env) => new Response(await env.NAMED.hello()),
  '/send': async (request, env) => {
    await env.QUEUE.send('a job');
    return new Response('sent');
  },
  '/session': async (request, env) => {
    const calls = Number(await env.SESSION.get('calls')) + 1;
    await env.SESSION.put('calls', String(calls));
    return new Response(`${calls}`);
  },
};

export class ServerObject extends DurableObject {
  async hello() {
    return `an object reads ${await text(this.env.ASSETS.fetch('https://site.invalid/note.txt'))}`;
  }
}

export class Named extends WorkerEntrypoint {
  async hello() {
    return `an entrypoint reads ${await text(imported.ASSETS.fetch('https://site.invalid/note.txt'))}`;
  }
}

export default {
  fetch(request, env, ctx) {
    const url = new URL(request.url);
    const path = url.pathname.replace('/finished/', '/');
    const answer = answers[path];
    if (answer === undefined) return new Response(`server: ${url.pathname}`, { status: 404 });
    return answer(request, env, ctx, url);
  },
  async scheduled(event, env) {
    events.push(`scheduled: ${await text(env.ASSETS.fetch('https://site.invalid/note.txt'))}`);
  },
  async queue(batch, env) {
    const note = await text(env.ASSETS.fetch('https://site.invalid/note.txt'));
    events.push(`queue: ${batch.messages.map(({ body }) => body)} ${note}`);
  },
};
