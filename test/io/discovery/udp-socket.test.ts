import { createSocket, type Socket } from 'node:dgram';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { Datagram, DatagramSocket } from '../../../src/io/discovery/datagram-socket.ts';
import { FIRST_RETRY_MS, MAX_RETRY_MS, udpBinder } from '../../../src/io/discovery/udp-socket.ts';
import { StepClock } from '../../support/step-clock.ts';

const LOCAL = { host: '127.0.0.1', port: 0 };

describe('a datagram', () => {
  test('reaches another socket, with the address it came from', async () => {
    const [a, b] = [await bind(), await bind()];
    a.socket.send(Uint8Array.of(1, 2, 3), b.socket.local);
    const { bytes, from } = await b.next();
    expect([[...bytes], from]).toEqual([[1, 2, 3], a.socket.local]);
    b.socket.send(Uint8Array.of(4), from);
    expect([...(await a.next()).bytes]).toEqual([4]);
  });

  test('between IPv4 and a socket for both families has IPv4 addresses', async () => {
    const [both, four] = [await bind({ host: '::', port: 0 }), await bind()];
    four.socket.send(Uint8Array.of(1), { host: '127.0.0.1', port: both.socket.local.port });
    const { from } = await both.next();
    expect(from).toEqual(four.socket.local);
    both.socket.send(Uint8Array.of(2), from);
    expect([...(await four.next()).bytes]).toEqual([2]);
  });

  test('K9: that cannot be sent is dropped and counted, and throws nothing', async () => {
    const { socket, unsent } = await bind();
    const odd = [0, 65_536, -1, 1.5, Number.NaN].map((port) => ({ host: '127.0.0.1', port }));
    const hosts = ['::1', 'node.example', '', '255.255.255.255'].map((host) => ({ host, port: 9 }));
    for (const to of [...odd, ...hosts]) socket.send(Uint8Array.of(1), to);
    await until(() => unsent() === odd.length + hosts.length);
    const second = await bind();
    socket.send(Uint8Array.of(7), second.socket.local);
    expect([...(await second.next()).bytes]).toEqual([7]);
  });

  test('that is too large for the system is dropped', async () => {
    const { socket, unsent } = await bind();
    socket.send(new Uint8Array(70_000), { host: '127.0.0.1', port: 9 });
    await until(() => unsent() === 1);
  });

  test('to a port where nothing listens harms nothing', async () => {
    const { socket, lost } = await bind();
    const gone = await bind();
    gone.socket.close();
    for (let time = 0; time < 5; time += 1) socket.send(Uint8Array.of(1), gone.socket.local);
    const other = await bind();
    socket.send(Uint8Array.of(2), other.socket.local);
    expect([...(await other.next()).bytes]).toEqual([2]);
    expect(lost).toEqual([]);
  });

  test('is not sent by a closed socket, nor when too many wait', async () => {
    const stuck = await bind(LOCAL, (socket) => {
      socket.getSendQueueSize = () => 1_000_000;
    });
    stuck.socket.send(Uint8Array.of(1), { host: '127.0.0.1', port: 9 });
    expect(stuck.unsent()).toBe(1);
    stuck.socket.close();
    stuck.socket.close();
    stuck.socket.send(Uint8Array.of(1), { host: '127.0.0.1', port: 9 });
    expect(stuck.unsent()).toBe(2);
  });
});

describe('an address', () => {
  test('that is in use cannot be bound', async () => {
    const { socket } = await bind();
    await expect(bind(socket.local)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('that is none of this machine cannot be bound', async () => {
    await expect(bind({ host: '203.0.113.1', port: 0 })).rejects.toThrow();
  });
});

describe('K4: a socket that breaks', () => {
  test('is replaced after a second, at the same port', async () => {
    const one = await bind();
    const { port } = one.socket.local;
    one.break('broken on purpose');
    expect(one.lost).toEqual([['broken on purpose', FIRST_RETRY_MS]]);
    one.socket.send(Uint8Array.of(1), { host: '127.0.0.1', port: 9 });
    expect(one.unsent()).toBe(1);
    one.clock.advance(FIRST_RETRY_MS);
    await until(() => one.restored() === 1);
    expect(one.socket.local.port).toBe(port);
    const other = await bind();
    other.socket.send(Uint8Array.of(3), one.socket.local);
    expect([...(await one.next()).bytes]).toEqual([3]);
  });

  test('again and again waits twice as long each time, up to a minute', async () => {
    const one = await bind();
    for (let time = 0; time < 8; time += 1) {
      one.break('again');
      one.clock.advance(one.lost.at(-1)![1] ?? 0);
      await until(() => one.restored() === time + 1);
    }
    expect(one.lost.map(([, ms]) => ms)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
    ]);
    one.clock.advance(MAX_RETRY_MS + 1);
    one.break('later');
    expect(one.lost.at(-1)).toEqual(['later', FIRST_RETRY_MS]);
  });

  test('whose port is taken meanwhile is tried again', async () => {
    const one = await bind();
    const { port } = one.socket.local;
    one.break('broken on purpose');
    const thief = await bind({ host: '127.0.0.1', port });
    one.clock.advance(FIRST_RETRY_MS);
    await until(() => one.lost.length === 2);
    expect(one.lost[1]).toEqual([expect.stringContaining('EADDRINUSE'), 2_000]);
    thief.socket.close();
    one.clock.advance(2_000);
    await until(() => one.restored() === 1);
  });

  test('and cannot be made again is tried again', async () => {
    const one = await bind();
    one.break('broken on purpose');
    one.failNext(new Error('no more sockets'));
    one.clock.advance(FIRST_RETRY_MS);
    expect(one.lost[1]).toEqual([expect.stringContaining('no more sockets'), 2_000]);
    one.clock.advance(2_000);
    await until(() => one.restored() === 1);
  });

  test('is not replaced once it is closed', async () => {
    const one = await bind();
    one.break('broken on purpose');
    one.socket.close();
    expect(one.clock.pending).toBe(0);
  });

  test('nor when it is closed while it is being bound, as in a cluster, where that takes a while', async () => {
    let binds = 0;
    const one = await bind(LOCAL, (socket) => {
      const bindNow = socket.bind.bind(socket) as (options: object) => Socket;
      binds += 1;
      if (binds > 1)
        socket.bind = (options?: unknown) => {
          setImmediate(bindNow, options as object);
          return socket;
        };
    });
    one.break('broken on purpose');
    one.clock.advance(FIRST_RETRY_MS);
    one.socket.close();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const again = await bind(one.socket.local);
    expect([again.socket.local, one.restored(), binds]).toEqual([one.socket.local, 0, 2]);
  });
});

type Bound = {
  readonly socket: DatagramSocket;
  readonly clock: StepClock;
  readonly lost: [message: string, retryInMs: number | null][];
  readonly restored: () => number;
  readonly unsent: () => number;
  readonly next: () => Promise<Datagram>;
  readonly break: (message: string) => void;
  /** The next socket cannot be made. */
  readonly failNext: (error: Error) => void;
};

async function bind(address = LOCAL, prepare: (socket: Socket) => void = () => {}): Promise<Bound> {
  const clock = new StepClock();
  const lost: [string, number | null][] = [];
  const received: Datagram[] = [];
  let [restored, unsent] = [0, 0];
  let current: Socket | null = null;
  let failure: Error | null = null;
  const create = ((options: Parameters<typeof createSocket>[0]) => {
    if (failure) {
      const error = failure;
      failure = null;
      throw error;
    }
    current = createSocket(options as never);
    prepare(current);
    return current;
  }) as typeof createSocket;
  const socket = await udpBinder({ clock, create })(address, {
    onDatagram: (datagram) => received.push(datagram),
    onLost: (message, retryInMs) => lost.push([message, retryInMs]),
    onRestored: () => {
      restored += 1;
    },
    onUnsent: () => {
      unsent += 1;
    },
  });
  onTestFinished(() => socket.close());
  return {
    ...{ socket, clock, lost },
    restored: () => restored,
    unsent: () => unsent,
    next: async () => {
      await until(() => received.length > 0);
      return received.shift()!;
    },
    break: (message) => current?.emit('error', new Error(message)),
    failNext: (error) => {
      failure = error;
    },
  };
}

/** Lets the event loop go on until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
