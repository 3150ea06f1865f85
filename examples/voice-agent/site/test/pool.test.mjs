import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionPool, PoolFullError, usualLimits } from '../src/voice/pool.ts';
import { FakeClock } from './fake-clock.mjs';

class Connection {
  usable = true;
  close() {
    this.usable = false;
  }
}

function poolWith(limits = {}) {
  const clock = new FakeClock();
  return { clock, pool: new ConnectionPool(clock, { ...usualLimits, ...limits }), open: () => new Connection() };
}
const minute = 60_000;

test('an idle connection is used again for the same purpose', () => {
  const { pool, open } = poolWith();
  const first = pool.acquire('board', open);
  pool.release(first);
  assert.equal(pool.acquire('board', open), first);
});

test('a connection in use or for another purpose is not shared', () => {
  const { pool, open } = poolWith({ live: 3 });
  const first = pool.acquire('board', open);
  assert.notEqual(pool.acquire('board', open), first);
  pool.release(first);
  assert.notEqual(pool.acquire('refusal', open), first);
});

test('connections unused for 30 minutes are closed, and not before', async () => {
  const { clock, pool, open } = poolWith();
  const idle = pool.acquire('board', open);
  const busy = pool.acquire('refusal', open);
  pool.release(idle);
  await clock.advance(30 * minute - 1);
  assert.equal(idle.usable, true);
  await clock.advance(1);
  assert.deepEqual([idle.usable, busy.usable, pool.size], [false, true, 1]);
  assert.deepEqual(clock.waits, [], 'no timer is left while nothing is idle');
});

test('use starts the 30 minutes anew', async () => {
  const { clock, pool, open } = poolWith();
  const connection = pool.acquire('board', open);
  pool.release(connection);
  await clock.advance(29 * minute);
  pool.release(pool.acquire('board', open));
  await clock.advance(29 * minute);
  assert.equal(connection.usable, true);
  await clock.advance(minute);
  assert.equal(connection.usable, false);
});

test('a full pool closes the connection that has been idle for longest', async () => {
  const { clock, pool, open } = poolWith();
  const older = pool.acquire('board', open);
  const newer = pool.acquire('refusal', open);
  pool.release(older);
  await clock.advance(minute);
  pool.release(newer);
  pool.acquire('resignation', open);
  assert.deepEqual([older.usable, newer.usable, pool.size], [false, true, 2]);
});

test('a full pool without an idle connection refuses', () => {
  const { pool, open } = poolWith({ live: 1 });
  pool.acquire('board', open);
  assert.throws(() => pool.acquire('refusal', open), PoolFullError);
});

test('a connection that ended by itself makes room and is not used again', () => {
  const { pool, open } = poolWith({ live: 1 });
  const ended = pool.acquire('board', open);
  pool.release(ended);
  ended.usable = false;
  assert.notEqual(pool.acquire('board', open), ended);
});

test('a page that goes away closes all connections', () => {
  const { pool, open } = poolWith();
  const page = new EventTarget();
  const stop = pool.closeOnPageHide(page);
  const first = pool.acquire('board', open);
  const second = pool.acquire('refusal', open);
  pool.release(second);
  page.dispatchEvent(new Event('pagehide'));
  assert.deepEqual([first.usable, second.usable, pool.size], [false, false, 0]);
  stop();
  const later = pool.acquire('board', open);
  page.dispatchEvent(new Event('pagehide'));
  assert.equal(later.usable, true);
});
