/** One hostile peer costs the others nothing. Counted in messages and bytes, on virtual time. */
import { describe, expect, test } from 'vitest';
import type { Port, Protocol } from '../../src/api/protocol.ts';
import { READ_TIMEOUT_MS } from '../../src/io/link/link-timeouts.ts';
import {
  HANDLER_STALL_MS,
  MAX_UNREAD_MESSAGES,
  PING_BURST,
} from '../../src/io/link/message-router.ts';
import {
  CONGESTED_BYTES,
  MAX_UNSENT_BYTES,
  WRITE_STALL_MS,
} from '../../src/io/link/write-queue.ts';
import { GUARANTEED_BYTES } from '../../src/io/process/budget.ts';
import { PING, PONG } from '../../src/io/wire/base-message.ts';
import { compress } from '../../src/io/wire/snappy.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import type { RawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { seededRandom } from '../support/crypto.ts';
import { ECHO_OFFSET, Hub } from '../support/hub.ts';

const MIB = 1024 * 1024;
const EMPTY_LIST = Uint8Array.of(0xc0);
const ZEROS = new Uint8Array(MIB);
const NOISE = seededRandom('noise')(MIB);

/** The smallest budget there may be. */
const SMALL_BUDGET = 32 * MIB;

const hang: Protocol['run'] = () => new Promise(() => {});

const takeAll: Protocol['run'] = async (_, port) => {
  for await (const _message of port);
};

/** Once spoken to, sends without waiting for anything. @returns a handler, and what became of its messages. */
function shouting(count: number, payload: Uint8Array) {
  const told = { sent: 0, refused: [] as Error[] };
  const run = async (_: unknown, port: Port): Promise<void> => {
    await port[Symbol.asyncIterator]().next();
    for (let i = 0; i < count; i += 1)
      port.send(0, payload).then(
        () => {
          told.sent += 1;
        },
        (error: Error) => told.refused.push(error),
      );
    await new Promise((resolve) => port.signal.addEventListener('abort', resolve));
  };
  return { run, told };
}

function say(peer: RawPeer, count: number, payload: Uint8Array, code = ECHO_OFFSET): void {
  const packed = compress(payload);
  for (let i = 0; i < count; i += 1) peer.send(code, packed);
}

describe('P1: a ping flood', () => {
  test('ends its own peer only, within a second, and gets one pong at a time', async () => {
    const at = await new Hub(takeAll).start();
    const flooder = await at.rawPeer(9);
    say(flooder, 10_000, EMPTY_LIST, PING);
    await at.exchange();
    await at.world.settle();
    expect(at.endings).toEqual([]); // it hangs up last: we only wait for that
    const pongs = flooder.unreadFrames.filter(({ code }) => code === PONG);
    expect(pongs.length).toBeLessThanOrEqual(PING_BURST);
    expect(flooder.received.bytes).toBeLessThan(2_000);
    await at.exchange();
    flooder.stream.destroy();
    await at.world.settle();
    expect(at.endings).toEqual(['rejected.pingFlood']);
    await at.exchange();
    await at.world.end();
  });
});

describe('R12: a flood of messages of one byte', () => {
  test('is read 16 at a time, so that other peers are served in between', async () => {
    let taken = 0;
    const at = await new Hub(async (_, port) => {
      for await (const _message of port) taken += 1;
    }).start();
    const flooder = await at.rawPeer(9);
    const FLOOD = 20_000;
    say(flooder, FLOOD, Uint8Array.of(1));
    await at.world.settle(10);
    const before = taken;
    await at.exchange();
    expect(before).toBeGreaterThan(0);
    expect(taken - before).toBeLessThan(50 * 16); // two exchanges are a few turns each
    expect(taken).toBeLessThan(FLOOD);
    await at.world.settle(FLOOD / 8);
    expect(taken).toBe(FLOOD);
    expect(at.endings).toEqual([]);
    flooder.stream.destroy();
    await at.world.end();
  });

  test('is paused at 1,024 untaken messages, and ends its peer after 20 s', async () => {
    const at = await new Hub(hang).start();
    const flooder = await at.rawPeer(9);
    say(flooder, 20_000, Uint8Array.of(1));
    await at.world.settle(200);
    expect(await at.scrape()).toMatchObject({
      received_bytes: MAX_UNREAD_MESSAGES + 1,
      'ingress_messages echo 1 0x00': MAX_UNREAD_MESSAGES + 1,
    });
    await at.exchange();
    await at.world.advance(HANDLER_STALL_MS + FAREWELL_MS + 2_000);
    expect(at.endings).toEqual(['rejected.handlerStalled']);
    expect(await at.scrape()).toMatchObject({ received_bytes: 0 });
    await at.exchange();
    flooder.stream.destroy();
    await at.world.end();
  });
});

describe('R4: a peer that never reads', () => {
  test('fills its own queue, and is ended after 20 s', async () => {
    const { run, told } = shouting(700, NOISE.subarray(0, 64 * 1024));
    const at = await new Hub(run).start();
    const deaf = await at.rawPeer(9);
    deaf.stream.duplex.pause();
    say(deaf, 1, EMPTY_LIST);
    await at.world.settle();
    const { unsent_bytes: unsent } = await at.scrape();
    expect(unsent).toBeGreaterThan(MAX_UNSENT_BYTES - MIB);
    expect(unsent).toBeLessThan(MAX_UNSENT_BYTES + CONGESTED_BYTES + 2 * 64 * 1024);
    expect(told.refused.length).toBeGreaterThan(150);
    expect(told.refused[0]).toBeInstanceOf(RangeError);
    await at.exchange();
    await at.world.advance(WRITE_STALL_MS + 1_000);
    expect(at.endings).toEqual(['failed.writeStalled']);
    expect(await at.scrape()).toMatchObject({ unsent_bytes: 0 });
    await at.exchange();
    deaf.stream.destroy();
    await at.world.end();
  });

  test('and many of them share one budget, while the messages of others pass', async () => {
    const { run, told } = shouting(200, NOISE.subarray(0, 256 * 1024));
    const at = await new Hub(run, { sendBudgetBytes: SMALL_BUDGET }).start();
    const deaf: RawPeer[] = [];
    for (const seed of [9, 10, 11, 12, 13]) {
      const peer = await at.rawPeer(seed);
      peer.stream.duplex.pause();
      say(peer, 1, EMPTY_LIST);
      deaf.push(peer);
    }
    await at.world.settle();
    const { unsent_bytes: unsent } = await at.scrape();
    expect(unsent).toBeGreaterThan(SMALL_BUDGET / 2);
    expect(unsent).toBeLessThanOrEqual(SMALL_BUDGET + 7 * GUARANTEED_BYTES);
    expect(told.refused.some(({ message }) => /all peers/.test(message))).toBe(true);
    for (const error of told.refused) expect(error).toBeInstanceOf(RangeError);
    await at.exchange();
    await at.world.advance(WRITE_STALL_MS + 1_000);
    expect(at.endings).toEqual(deaf.map(() => 'failed.writeStalled'));
    expect(await at.scrape()).toMatchObject({ unsent_bytes: 0 });
    for (const { stream } of deaf) stream.destroy();
    await at.world.end();
  });
});

describe('P17: a handler that hangs', () => {
  test('and takes no message is named and ended after 20 s, without effect on others', async () => {
    const at = await new Hub(hang).start();
    const peer = await at.rawPeer(9);
    say(peer, 40, ZEROS);
    await at.world.settle(200);
    const { received_bytes: received } = await at.scrape();
    expect(received).toBe(33 * MIB); // 32 MiB, and the one that was too much
    await at.exchange();
    await at.world.advance(HANDLER_STALL_MS - 1_000);
    expect(at.endings).toEqual([]);
    await at.exchange();
    await at.world.advance(FAREWELL_MS + 3_000);
    expect(at.member.log.at(-1)).toMatchObject({
      type: 'drop',
      state: 'ending.rejected.handlerStalled',
      facts: { protocol: 'echo/1' },
      abandoned: ['echo/1'],
    });
    expect(await at.scrape()).toMatchObject({ received_bytes: 0 });
    await at.exchange();
    peer.stream.destroy();
    await at.world.end();
  });

  test('for several peers fills the shared budget, while other handlers are served', async () => {
    const at = await new Hub(hang, { receiveBudgetBytes: SMALL_BUDGET }).start();
    const peers: RawPeer[] = [];
    const held: number[] = [];
    for (const seed of [9, 10, 11, 12]) {
      const peer = await at.rawPeer(seed);
      peers.push(peer);
      say(peer, 20, ZEROS);
      await at.world.settle(100);
      const { received_bytes: total = 0 } = await at.scrape();
      held.push(total / MIB);
    }
    const shares = held.map((total, i) => total - (held[i - 1] ?? 0));
    expect(shares[0]).toBeGreaterThan(10); // half of the budget, but for a message that may be as large as it claims
    for (const [i, share] of shares.entries()) {
      expect(share).toBeGreaterThan(1);
      if (i > 0) expect(share).toBeLessThan(shares[i - 1]!);
    }
    expect(held.at(-1)).toBeLessThanOrEqual(SMALL_BUDGET / MIB);
    await at.exchange();
    await at.world.advance(HANDLER_STALL_MS + FAREWELL_MS + 2_000);
    expect(at.endings).toEqual(peers.map(() => 'rejected.handlerStalled')); // room that others make is no excuse
    expect(await at.scrape()).toMatchObject({ received_bytes: 0 });
    await at.exchange();
    for (const { stream } of peers) stream.destroy();
    await at.world.end();
  });
});

describe('F2: large messages that are announced and not sent', () => {
  test('are read as far as there is room, and others are served after 30 s', async () => {
    let taken = 0;
    const at = await new Hub(
      async (_, port) => {
        for await (const { payload } of port) taken += payload.length;
      },
      { receiveBudgetBytes: SMALL_BUDGET },
    ).start();
    const peers: RawPeer[] = [];
    for (const seed of [9, 10, 11]) {
      const peer = await at.rawPeer(seed);
      peers.push(peer);
      const whole = peer.seal(ECHO_OFFSET, compress(NOISE));
      peer.write(seed === 11 ? whole : whole.subarray(0, 100_000));
      await at.world.settle();
    }
    // each may become 10 MiB: two have room, and the third has not
    expect(await at.scrape()).toMatchObject({ received_bytes: 20 * MIB });
    const third = at.world.network.connections.at(-1)!.delivered.aToB;
    expect(third).toBeLessThan(NOISE.length / 2);
    expect(taken).toBe(0);
    await at.exchange();
    await at.world.advance(READ_TIMEOUT_MS + 1_000);
    expect(taken).toBe(NOISE.length);
    await at.world.advance(FAREWELL_MS);
    expect(at.endings).toEqual(['rejected.silence', 'rejected.silence']);
    expect(await at.scrape()).toMatchObject({ received_bytes: 0 });
    for (const { stream } of peers) stream.destroy();
    await at.world.end();
  });
});
