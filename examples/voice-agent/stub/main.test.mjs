// The command line of the stub.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('main.mjs', import.meta.url));

/** Starts the command and returns it with its address. */
async function started(test, ...options) {
  const child = spawn(process.execPath, [MAIN, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
  test.after(() => child.kill('SIGKILL'));
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, url: /^stub: (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)[1] };
}

test('the command serves until a signal ends it', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    const { child, url } = await started(t, '--silent');
    assert.deepEqual(await (await fetch(`${url}/stub/calls`)).json(), []);
    child.stdin.end();
    assert.equal((await fetch(`${url}/v1/models`)).status, 401);
    child.kill(signal);
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  }
});

test('the command ends with its input if it is told so', async (t) => {
  const { child, url } = await started(t, '--until-input-ends');
  const waiting = fetch(`${url}/stub/calls?wait=open`).catch((error) => error);
  assert.equal((await fetch(`${url}/stub/log`)).status, 200);
  child.stdin.end();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.ok((await waiting) instanceof Error);
});
