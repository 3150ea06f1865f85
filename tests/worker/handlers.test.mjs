// A Worker whose server has handlers of every kind, with an engine or a program in Rust.
//
//     WORKER_URL=… HOST=… node --test tests/worker/handlers.test.mjs
//
// The URL leads to `wrangler dev` with the packed site of `tests/programs/handlers`. `HOST` is `engine`, or
// `program` with the program of that folder.

import assert from 'node:assert/strict';
import { request as send } from 'node:http';
import { describe, test } from 'node:test';

const { WORKER_URL, HOST } = process.env;
const hasProgram = HOST === 'program';
const at = (path) => new URL(path, WORKER_URL);
const ask = (path, init) => fetch(at(path), { redirect: 'manual', ...init });
/** A request for a stream whose parts no proxy compresses, and therefore collects. */
const UNCOMPRESSED = { headers: { 'Accept-Encoding': 'identity' } };
const read = async (path, init) => (await ask(path, init)).text();

/** Asks until an event has happened. Events are those of the server, and errors in the log. */
async function until(isIt) {
  for (;;) {
    const events = JSON.parse(await read('/events'));
    const found = events.find(isIt);
    if (found !== undefined) return found;
  }
}

describe(`beside the ${HOST}`, { timeout: 1_200_000 }, () => {
  test('the server gets the request, the environment and its bindings', async () => {
    for (const path of ['/request', '/x/../request', '/request?a=%20&b']) {
      const init = { method: 'PUT', headers: { 'X-Field': 'value' }, body: 'a body' };
      assert.deepEqual(JSON.parse(await read(path, init)), {
        method: 'PUT',
        url: at(path).href,
        field: 'value',
        body: 'a body',
        cf: 'object',
        greeting: 'Hello.',
        imported: ['Hello.', 'Hello.'],
        note: 'a note\n',
      });
    }
    assert.equal(JSON.parse(await read('/request')).body, null);
  });

  test('a body arrives at the server while it is sent', async () => {
    const request = send(at('/echo'), { method: 'POST' });
    request.write('one');
    const [response] = await once(request, 'response');
    const parts = response.setEncoding('utf8')[Symbol.asyncIterator]();
    assert.equal((await parts.next()).value, 'one');
    request.write('two');
    assert.equal((await parts.next()).value, 'two');
    request.end();
    assert.equal((await parts.next()).done, true);
  });

  test('both bindings of assets answer from the table, in each way of asking', async () => {
    const ways = async (path) => JSON.parse(await read(`/assets?path=${path}`));
    for (const answers of await ways('/page')) {
      const [url, redirected] = [answers[0], answers[3]];
      assert.deepEqual(answers.map(([by]) => by), ['string', 'url', 'request', 'manual']);
      assert.deepEqual(redirected.slice(1, 3), [307, '/page/']);
      for (const answer of answers.slice(0, 3)) {
        assert.deepEqual(answer.slice(1), url.slice(1));
        assert.equal(answer[1], 200);
        assert.equal(answer[4], null, 'no content coding');
        assert.match(answer.at(-1), /<h1>page<\/h1>/);
      }
    }
    for (const answers of await ways('/nowhere')) {
      for (const answer of answers) assert.equal(answer[1], 404);
    }
  });

  test('work goes on after the response', async () => {
    assert.equal(await read('/wait'), 'waiting');
    await until((event) => event === 'waited');
  });

  test('parts of a stream arrive when they are made', async () => {
    const response = await ask('/parts?whole', UNCOMPRESSED);
    const parts = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (const part of ['one', 'two', 'three']) {
      assert.equal((await parts.read()).value, part);
      await ask('/next?whole');
    }
    assert.equal((await parts.read()).done, true);
  });

  test('a stream that fails is cut, and the Worker goes on', async () => {
    const response = await ask('/cut?cut', UNCOMPRESSED);
    assert.equal(response.status, 200);
    const parts = response.body.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await parts.read()).value, 'one');
    await ask('/next?cut');
    assert.equal((await parts.read()).value, 'two');
    await ask('/next?cut');
    await assert.rejects(parts.read());
    assert.equal((await ask('/')).status, 200);
  });

  test('a server that fails before its response is answered by 500', async () => {
    for (const path of ['/throw', '/reject', '/throw-text', '/nothing']) {
      const response = await ask(path);
      assert.equal(response.status, 500, path);
      assert.equal((await ask('/cookies')).status, 200);
      if (!hasProgram) continue;
      assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
      assert.equal(await response.text(), '500 Internal Server Error\n');
      await until((event) => event.startsWith(`worker-pack: the server failed at GET ${at(path)}`));
    }
  });

  test('responses keep their status and their fields', async () => {
    const cookies = await ask('/cookies');
    assert.deepEqual(cookies.headers.getSetCookie(), ['a=1', 'b=2']);
    assert.equal(cookies.headers.get('x-frame-options'), null);
    const redirect = await ask('/redirect');
    assert.deepEqual([redirect.status, redirect.headers.get('location')], [303, at('/page/').href]);
    assert.equal((await ask('/empty')).status, 204);
    assert.equal((await ask('/nowhere')).status, 404);
    assert.equal(await read('/nowhere'), 'server: /nowhere');
  });

  test('a WebSocket reaches the server', async () => {
    const socket = new WebSocket(at('/socket').href.replace('http', 'ws'));
    await once(socket, 'open');
    socket.send('a message');
    const [{ data }] = await once(socket, 'message');
    assert.equal(data, 'echo a message');
    socket.close();
  });

  test('the server guards its paths in every spelling', async () => {
    for (const path of ['/guarded/', '/%67uarded/', '/guarded%2F', '/x/..%2fguarded/']) {
      assert.notEqual((await ask(path)).status, 200, path);
    }
    assert.match(await read('/guarded/', { headers: { 'X-Key': 'yes' } }), /<h1>guarded<\/h1>/);
  });

  test('classes of the server are exported', async () => {
    assert.equal(await read('/object'), 'an object reads a note\n');
    assert.equal(await read('/named'), 'an entrypoint reads a note\n');
  });

  test('sessions are stored', async () => {
    const first = Number(await read('/session'));
    assert.equal(Number(await read('/session')), first + 1);
  });

  test('a queue reaches the server', async () => {
    assert.equal(await read('/send'), 'sent');
    await until((event) => event === 'queue: a job a note\n');
  });

  test('a program’s own handler comes before that of the server', async () => {
    await read('/cdn-cgi/local/scheduled');
    const event = await until((event) => event.startsWith('scheduled: '));
    assert.equal(event, hasProgram ? 'scheduled: by Rust' : 'scheduled: a note\n');
  });
});

describe('the program', { skip: !hasProgram, timeout: 1_200_000 }, () => {
  test('starts once, with its own start and that of the table', async () => {
    const starts = await ask('/rust/starts');
    assert.equal(await starts.text(), '1');
    assert.equal(starts.headers.get('x-frame-options'), 'DENY', 'by `finish`');
  });

  test('exports its own Durable Objects', async () => {
    assert.match(await read('/rust/object'), /^call \d+ of an object in Rust$/);
  });

  test('finishes any answer by the rules of its path', async () => {
    const cookies = await ask('/finished/cookies');
    assert.deepEqual(cookies.headers.getSetCookie(), ['a=1', 'b=2']);
    assert.equal(cookies.headers.get('x-frame-options'), 'DENY');
    const redirect = await ask('/finished/redirect');
    assert.deepEqual([redirect.status, redirect.headers.get('x-frame-options')], [303, 'DENY']);
    const socket = new WebSocket(at('/finished/socket').href.replace('http', 'ws'));
    await once(socket, 'open');
    socket.close();
  });

  test('answers 500 if it gives up', async () => {
    assert.equal((await ask('/rust/error')).status, 500);
    await until((event) => event === 'the program gives up');
  });

  test('answers 500 to all that it has begun if it panics, and starts again', async () => {
    for (const path of ['/rust/panic', '/rust/late-panic']) {
      const begun = ask(`/slow?${path}`);
      await until((event) => event === `begun: ?${path}`);
      const response = await ask(path);
      assert.equal((await begun).status, 500);
      assert.equal(response.status, 500);
      assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
      assert.equal(await response.text(), '500 Internal Server Error\n');
      await until((event) => event === `worker-pack: the program failed at GET ${at(path)}`);
      // A handler of the program's class may start it again too, which must not happen in between.
      assert.match(await read('/rust/object'), /^call \d+ of an object in Rust$/);
      assert.equal(await read('/rust/starts'), '1');
      assert.equal((await ask('/')).status, 200);
      assert.match(await read('/object'), /a note/);
    }
  });
});

/** Waits for an event, and returns its parameters. An error rejects. */
function once(target, name) {
  return new Promise((resolve, reject) => {
    const [add, wrap] = target.addEventListener
      ? ['addEventListener', (event) => resolve([event])]
      : ['once', (...parameters) => resolve(parameters)];
    target[add](name, wrap);
    target[add]('error', reject);
  });
}
