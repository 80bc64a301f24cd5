import { expect, test } from 'vitest';

import type {
  BindDatagrams,
  Datagram,
  DatagramHooks,
} from '../../../src/io/discovery/datagram-socket.ts';
import {
  DATAGRAM_TURN_MS,
  MAX_WAITING_DATAGRAMS,
  SharedSocket,
} from '../../../src/io/discovery/shared-socket.ts';

const HERE = { host: '45.0.0.1', port: 30_303 };
const THERE = { host: '46.0.0.2', port: 30_303 };
const bytes = Uint8Array.of(1, 2, 3);
const datagram = (number: number): Datagram => ({ bytes: Uint8Array.of(number), from: THERE });

/** Records what each side gets; turns are run by hand, and time passes with each datagram of v5. */
function stage({ msPerDatagram = 0 } = {}) {
  const log: string[] = [];
  const turns: (() => void)[] = [];
  let real: DatagramHooks | null = null;
  let now = 0;
  const bind: BindDatagrams = async (local, hooks) => {
    real = hooks;
    log.push(`bound ${local.port}`);
    return {
      local,
      send: (sent) => log.push(`sent ${sent.length}`),
      close: () => log.push('closed'),
    };
  };
  const shared = new SharedSocket({
    bind,
    clock: { now: () => now, setTimeout: () => 0, clearTimeout: () => {} },
    nextTurn: (run) => turns.push(run),
  });
  const hooksOf = (who: string): DatagramHooks => ({
    onDatagram: ({ bytes: [number] }) => {
      now += msPerDatagram;
      log.push(`${who} got ${number}`);
    },
    onLost: (message, retryInMs) => log.push(`${who} lost ${message}, ${retryInMs}`),
    onRestored: () => log.push(`${who} restored`),
  });
  return {
    ...{ log, turns, shared },
    real: () => real!,
    turn: () => turns.splice(0).forEach((run) => void run()),
    bindV4: () => shared.bindOwner(HERE, hooksOf('v4')),
    bindV5: () => shared.bindGuest({ host: '0.0.0.0', port: 0 }, hooksOf('v5')),
  };
}

test('v4 binds the socket, both send with it, and only v4 closes it', async () => {
  const { log, bindV4, bindV5 } = stage();
  const v4 = await bindV4();
  const v5 = await bindV5();
  expect([v4.local, v5.local]).toEqual([HERE, HERE]);
  v4.send(bytes, THERE);
  v5.send(bytes, THERE);
  v5.close();
  v5.close();
  v5.send(bytes, THERE);
  v4.close();
  expect(log).toEqual(['bound 30303', 'sent 3', 'sent 3', 'closed']);
});

test('v5 gets what v4 hands over in a later turn, in order', async () => {
  const { log, turns, shared, turn, bindV4, bindV5 } = stage();
  await bindV4();
  await bindV5();
  for (const number of [1, 2, 3]) shared.handOver(datagram(number));
  expect(log).toEqual(['bound 30303']);
  expect(turns).toHaveLength(1);
  turn();
  expect(log.slice(1)).toEqual(['v5 got 1', 'v5 got 2', 'v5 got 3']);
  turn();
  expect(turns).toEqual([]);
});

test('a turn in which v5 has used its time ends, and the rest waits for the next one', async () => {
  const { log, shared, turn, bindV4, bindV5 } = stage({ msPerDatagram: DATAGRAM_TURN_MS });
  await bindV4();
  await bindV5();
  for (const number of [1, 2, 3]) shared.handOver(datagram(number));
  turn();
  expect(log.slice(1)).toEqual(['v5 got 1', 'v5 got 2']);
  turn();
  expect(log.slice(3)).toEqual(['v5 got 3']);
});

test('at most 100 datagrams wait for v5; more are dropped and counted', async () => {
  const { log, shared, turn, bindV4, bindV5 } = stage();
  await bindV4();
  await bindV5();
  for (let number = 0; number < MAX_WAITING_DATAGRAMS + 2; number += 1)
    shared.handOver(datagram(number));
  expect(shared.dropped).toBe(2);
  turn();
  expect(log.slice(1)).toHaveLength(MAX_WAITING_DATAGRAMS);
  expect(log.at(-1)).toBe(`v5 got ${MAX_WAITING_DATAGRAMS - 1}`);
});

test('nothing waits for a v5 that is not there, or has left', async () => {
  const { log, turns, shared, turn, bindV4, bindV5 } = stage();
  await bindV4();
  shared.handOver(datagram(1));
  expect(turns).toEqual([]);
  const v5 = await bindV5();
  shared.handOver(datagram(2));
  v5.close();
  turn();
  await bindV5();
  shared.handOver(datagram(3));
  turn();
  expect(log.slice(1)).toEqual(['v5 got 3']);
});

test('both learn that the socket is lost and restored', async () => {
  const { log, real, bindV4, bindV5 } = stage();
  await bindV4();
  real().onLost('EBADF', 1_000);
  const v5 = await bindV5();
  real().onLost('EBADF', 2_000);
  real().onRestored();
  v5.close();
  real().onRestored();
  expect(log.slice(1)).toEqual([
    'v4 lost EBADF, 1000',
    ...['v4 lost EBADF, 2000', 'v5 lost EBADF, 2000', 'v4 restored', 'v5 restored'],
    'v4 restored',
  ]);
});

test('v5 has lost the socket for good when v4 closes it', async () => {
  const { log, bindV4, bindV5 } = stage();
  const v4 = await bindV4();
  await bindV5();
  v4.close();
  v4.close();
  expect(log.slice(1)).toEqual([
    'closed',
    'v5 lost the socket of discovery v4, which is shared, is closed, null',
  ]);
});

test('v5 cannot be bound before v4, nor after v4 has closed the socket', async () => {
  const { bindV4, bindV5 } = stage();
  await expect(bindV5()).rejects.toThrow('the socket of discovery v4, which is shared, is closed');
  const v4 = await bindV4();
  v4.close();
  await expect(bindV5()).rejects.toThrow('is closed');
});
