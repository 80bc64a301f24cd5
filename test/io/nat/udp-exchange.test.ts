import { describe, expect, test } from 'vitest';
import type { DatagramHooks } from '../../../src/io/discovery/datagram-socket.ts';
import { exchange } from '../../../src/io/nat/udp-exchange.ts';
import { NEVER, natSurroundings } from '../../support/nat-surroundings.ts';
import { udpServer } from '../../support/udp-server.ts';

const QUESTION = Uint8Array.of(1, 2, 3);
const FIRST = (bytes: Uint8Array): number | null => bytes[0] ?? null;

const asked = (to: { host: string; port: number }, read = FIRST) => ({
  ...{ bytes: QUESTION, to, resendAtMs: [250, 750], limitMs: 1_000, read },
});

test('an answer is read, and the socket is closed', async () => {
  const server = await udpServer(() => [Uint8Array.of(9)]);
  const { clock, surroundings } = natSurroundings();
  expect(await exchange(asked(server.address), surroundings, NEVER)).toBe(9);
  expect(clock.pending).toBe(0);
});

test('what cannot be read is no answer', async () => {
  const server = await udpServer(() => [Uint8Array.of(8), Uint8Array.of(9)]);
  const { surroundings } = natSurroundings();
  const read = ([first = 0]: Uint8Array): number | null => (first === 8 ? null : first);
  expect(await exchange(asked(server.address, read), surroundings, NEVER)).toBe(9);
});

test('a question is sent again until its limit', async () => {
  const server = await udpServer(() => []);
  const { clock, surroundings } = natSurroundings();
  const answer = exchange(asked(server.address), surroundings, NEVER);
  await server.arrived(1);
  clock.advance(250);
  await server.arrived(2);
  clock.advance(500);
  await server.arrived(3);
  clock.advance(250);
  await expect(answer).rejects.toThrow('no answer within 1 s');
  expect(clock.pending).toBe(0);
});

describe('without a network', () => {
  const address = { host: '192.0.2.1', port: 5_351 };

  /** A socket that the test drives. */
  function memory() {
    let hooks: DatagramHooks | null = null;
    let closed = 0;
    const { clock, surroundings } = natSurroundings();
    const bind: typeof surroundings.bind = async (local, given) => {
      hooks = given;
      return {
        local,
        send: () => {},
        close: () => {
          closed += 1;
        },
      };
    };
    return {
      clock,
      surroundings: { ...surroundings, bind },
      deliver: (bytes: Uint8Array, from = address) => hooks!.onDatagram({ bytes, from }),
      hooks: () => hooks!,
      closed: () => closed,
    };
  }

  test('only the device that was asked is listened to', async () => {
    const net = memory();
    const answer = exchange(asked(address), net.surroundings, NEVER);
    await Promise.resolve();
    net.deliver(Uint8Array.of(1), { host: '192.0.2.2', port: 5_351 });
    net.deliver(Uint8Array.of(2), { host: '192.0.2.1', port: 5_350 });
    net.deliver(Uint8Array.of(3));
    net.deliver(Uint8Array.of(4));
    expect(await answer).toBe(3);
    expect(net.closed()).toBe(1);
  });

  test('a cancelled question ends, before and after its socket is bound', async () => {
    const net = memory();
    const cancelled = new AbortController();
    const answer = exchange(asked(address), net.surroundings, cancelled.signal);
    cancelled.abort();
    await expect(answer).rejects.toThrow('cancelled');
    expect([net.closed(), net.clock.pending]).toEqual([1, 0]);
    await expect(exchange(asked(address), net.surroundings, cancelled.signal)).rejects.toThrow(
      'cancelled',
    );
  });

  test('a socket that cannot be bound, or breaks, ends it', async () => {
    const net = memory();
    const refused = { ...net.surroundings, bind: () => Promise.reject(new Error('EACCES')) };
    await expect(exchange(asked(address), refused, NEVER)).rejects.toThrow('EACCES');
    const answer = exchange(asked(address), net.surroundings, NEVER);
    await Promise.resolve();
    net.hooks().onRestored();
    net.hooks().onLost('gone', 1_000);
    await expect(answer).rejects.toThrow('gone');
  });
});
