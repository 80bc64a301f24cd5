import { concatBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';

import { PONG_TIMEOUT_MS, READ_TIMEOUT_MS } from '../../../src/io/link/link-timeouts.ts';
import { HANDLER_STALL_MS, MAX_UNREAD_MESSAGES } from '../../../src/io/link/message-router.ts';
import type { Port } from '../../../src/io/link/protocol-port.ts';
import { WRITE_STALL_MS } from '../../../src/io/link/write-queue.ts';
import { PING, PONG } from '../../../src/io/wire/base-message.ts';
import { compress } from '../../../src/io/wire/snappy.ts';
import { hex } from '../../support/crypto.ts';
import { newLinks, routeWithRaw, startRouting } from '../../support/links.ts';
import { turns } from '../../support/turn.ts';

const SMALL = Uint8Array.of(1);
const MIB = new Uint8Array(1024 * 1024);

async function take(port: Port, count: number): Promise<void> {
  const messages = port[Symbol.asyncIterator]();
  for (let left = count; left > 0; left -= 1) await messages.next();
}

/** One message more than may wait, from an old peer, so that frames are quick to make. */
async function routeToFullQueue() {
  const at = await routeWithRaw(4);
  for (let i = 0; i <= MAX_UNREAD_MESSAGES; i += 1) at.peer.send(0x10, SMALL);
  await turns(200);
  return at;
}

describe('messages between two links', () => {
  test('ReadWriteMsg: go from port to port under the numbers of the protocol, in order', async () => {
    const { ours, theirs } = await startRouting(newLinks());
    for (const code of [0, 3, 1]) await ours.send(code, Uint8Array.of(code, 9));
    const messages = theirs[Symbol.asyncIterator]();
    for (const code of [0, 3, 1])
      expect((await messages.next()).value).toEqual({ code, payload: Uint8Array.of(code, 9) });
  });

  test('go both ways at once, whatever their size', async () => {
    const { ours, theirs } = await startRouting(newLinks({}, { chunkBytes: 1460 }));
    const noise = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 3);
    await Promise.all([ours.send(0, noise), theirs.send(1, noise.subarray(1))]);
    const [there, here] = await Promise.all(
      [theirs, ours].map((port) => port[Symbol.asyncIterator]().next()),
    );
    expect(there?.value.payload).toEqual(noise);
    expect(here?.value.payload).toEqual(noise.subarray(1));
  });

  test('a payload that is too long for the protocol rejects the send and changes nothing else', async () => {
    const { ours, theirs } = await startRouting(newLinks());
    await expect(ours.send(0, new Uint8Array(10 * 1024 * 1024 + 1))).rejects.toThrow(RangeError);
    await ours.send(0, SMALL);
    await take(theirs, 1);
  });

  test('what a handler receives shares nothing with what comes later', async () => {
    const { ours, theirs } = await startRouting(newLinks());
    await ours.send(0, SMALL);
    const { value } = await theirs[Symbol.asyncIterator]().next();
    value.payload.fill(0xff);
    await ours.send(0, SMALL);
    expect((await theirs[Symbol.asyncIterator]().next()).value.payload).toEqual(SMALL);
  });
});

describe('P14: pings', () => {
  test('ours is answered by the other link, and its pong reported once', async () => {
    const linked = newLinks();
    await startRouting(linked);
    linked.alice.tell('send.ping');
    await linked.alice.reports.next('pong.received');
    expect(linked.alice.clock.pending).toBe(1); // the wait for the pong is over
    expect(linked.bob.reports.types.at(-1)).toBe('hello.received');
  });

  test('a ping of the remote is answered by a compressed pong', async () => {
    const { peer } = await routeWithRaw();
    peer.sendCompressed(PING, hex('c0'));
    expect(await peer.next()).toMatchObject({ code: PONG, payload: compress(hex('c0')) });
  });

  test('the pong to our ping is overdue after 20 s, to the millisecond', async () => {
    const { side } = await routeWithRaw();
    side.tell('send.ping');
    await turns();
    side.clock.advance(PONG_TIMEOUT_MS - 1);
    expect(side.reports.types.at(-1)).toBe('hello.received');
    side.clock.advance(1);
    expect(side.reports.types.at(-1)).toBe('pong.overdue');
  });

  test('P1: pings of the remote at line rate are a flood, and nothing more is read', async () => {
    const { side, peer, pair } = await routeWithRaw();
    const flood = Array.from({ length: 100 }, () => peer.seal(PING, compress(hex('c0'))));
    peer.write(concatBytes(...flood));
    const before = pair.delivered.bToA;
    peer.write(MIB);
    await turns(100);
    expect(side.reports.of('ping.flooded')).toHaveLength(1);
    expect(peer.unreadFrames.map(({ code }) => code)).toEqual([PONG, PONG, PONG, PONG]); // one each turn
    expect(pair.delivered.bToA - before).toBeLessThan(256 * 1024);
  });
});

describe('R2, P14: a peer that is slow or silent', () => {
  test('is reported 30 s after its last whole message, to the millisecond', async () => {
    const { side, peer, port } = await routeWithRaw(4);
    side.clock.advance(10_000);
    peer.send(0x10, SMALL);
    await take(port, 1);
    side.clock.advance(READ_TIMEOUT_MS - 1);
    expect(side.reports.of('link.silent')).toEqual([]);
    side.clock.advance(1);
    expect(side.reports.of('link.silent')).toHaveLength(1);
  });

  test('is cut 30 s after the first byte of a message that drips in', async () => {
    const { side, peer } = await routeWithRaw(4);
    const frame = peer.seal(0x10, new Uint8Array(100));
    side.clock.advance(20_000);
    for (let second = 0; second < 30; second += 1) {
      peer.write(frame.subarray(second, second + 1));
      await turns(2);
      side.clock.advance(second < 29 ? 1_000 : 999);
    }
    expect(side.reports.of('link.silent')).toEqual([]);
    side.clock.advance(1);
    expect(side.reports.of('link.silent')).toHaveLength(1);
  });
});

describe('F2: a handler that is slow', () => {
  test('stops the reading, so that the remote is held back', async () => {
    const { side, peer, pair } = await routeToFullQueue();
    const before = pair.delivered.bToA;
    for (let i = 0; i < 8; i += 1) peer.send(0x10, MIB);
    await turns(200);
    expect(pair.delivered.bToA - before).toBeLessThan(256 * 1024);
    expect(peer.stream.duplex.writableLength).toBeGreaterThan(4 * MIB.length);
    expect(side.reports.types.at(-1)).toBe('hello.received');
  });

  test('resumes when half of the queue is taken, and loses nothing', async () => {
    const { peer, port } = await routeToFullQueue();
    for (let i = 0; i < 10; i += 1) peer.send(0x11, SMALL);
    await take(port, MAX_UNREAD_MESSAGES + 1);
    await turns();
    const messages = port[Symbol.asyncIterator]();
    for (let i = 0; i < 10; i += 1) expect((await messages.next()).value?.code).toBe(1);
  });

  test('is reported after 20 s, and the pause is not counted as silence of the remote', async () => {
    const { side } = await routeToFullQueue();
    side.clock.advance(HANDLER_STALL_MS);
    expect(side.reports.of('handler.stalled')).toMatchObject([{ protocol: 'echo/1' }]);
    side.clock.advance(READ_TIMEOUT_MS);
    expect(side.reports.of('link.silent')).toEqual([]);
  });

  test('the time in which we did not read is not counted as silence of the remote', async () => {
    const { side, port } = await routeToFullQueue();
    side.clock.advance(HANDLER_STALL_MS - 1);
    await take(port, MAX_UNREAD_MESSAGES + 1);
    side.clock.advance(READ_TIMEOUT_MS - 1);
    expect(side.reports.of('link.silent')).toEqual([]);
    side.clock.advance(1);
    expect(side.reports.of('link.silent')).toHaveLength(1);
  });

  test('does not count for the pong of the remote', async () => {
    const { side, port } = await routeToFullQueue();
    side.tell('send.ping');
    await turns();
    side.clock.advance(PONG_TIMEOUT_MS - 1);
    await take(port, MAX_UNREAD_MESSAGES + 1);
    side.clock.advance(1); // their pong may be just behind what we did not read
    expect(side.reports.of('pong.overdue')).toEqual([]);
    side.clock.advance(PONG_TIMEOUT_MS);
    expect(side.reports.of('pong.overdue')).toHaveLength(1);
  });
});

describe('R4: a remote that does not read', () => {
  test('slows down a handler that awaits, and continues where it was', async () => {
    const { port, peer } = await routeWithRaw(4);
    peer.stream.duplex.pause();
    let sent = 0;
    const sender = (async () => {
      for (; sent < 16; sent += 1) await port.send(0, MIB);
    })();
    await turns(200);
    expect(sent).toBeLessThan(4);
    peer.stream.duplex.resume();
    await sender;
    for (let i = 0; i < 16; i += 1) expect(await peer.next()).toMatchObject({ code: 0x10 });
  });

  test('is stalled after 20 s, to the millisecond', async () => {
    const { side, port, peer } = await routeWithRaw(4);
    peer.stream.duplex.pause();
    port.send(0, MIB);
    await turns();
    side.clock.advance(WRITE_STALL_MS - 1);
    expect(side.reports.of('link.stalled')).toEqual([]);
    side.clock.advance(1);
    expect(side.reports.of('link.stalled')).toMatchObject([{ unsentBytes: expect.any(Number) }]);
  });

  test('does not see a handler that never awaits use more memory than its queue', async () => {
    const { port, peer } = await routeWithRaw(4);
    peer.stream.duplex.pause();
    const sends = Array.from({ length: 3_000 }, () => port.send(0, new Uint8Array(16 * 1024)));
    const refused = sends.map((send) => send.then(() => 0).catch(() => 1));
    port.signal.throwIfAborted();
    peer.stream.duplex.resume();
    const refusals = (await Promise.all(refused)).reduce((sum: number, one) => sum + one, 0);
    expect(refusals).toBeGreaterThan(1_900);
    expect(refusals).toBeLessThan(1_980);
  });
});
