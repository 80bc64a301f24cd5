import { describe, expect, test } from 'vitest';

import {
  HANDLER_STALL_MS,
  MAX_UNREAD_BYTES,
  MAX_UNREAD_MESSAGES,
} from '../../../src/io/link/message-router.ts';
import type { QueuedPort } from '../../../src/io/link/protocol-port.ts';
import { PING, PONG } from '../../../src/io/wire/base-message.ts';
import { newRouter, PLACES } from '../../support/router.ts';
import { turns } from '../../support/turn.ts';

const ETH = 0x10;
const SNAP = 0x20;
const MIB = new Uint8Array(1024 * 1024);
const SMALL = Uint8Array.of(1);
/** A tenth of what may wait for one of the three. */
const TENTH = new Uint8Array(Math.floor(MAX_UNREAD_BYTES / PLACES.length / 10));

type Router = ReturnType<typeof newRouter>;

async function take(port: QueuedPort, count: number): Promise<void> {
  const messages = port[Symbol.asyncIterator]();
  for (let left = count; left > 0; left -= 1) await messages.next();
}

/** Fills a queue; the last message is the one too much. */
function fillWithMessages({ route }: Router, code = ETH): boolean[] {
  return Array.from({ length: MAX_UNREAD_MESSAGES + 1 }, () => route(code, SMALL));
}

function fillWithBytes({ route }: Router, code = ETH): boolean[] {
  const whole = Array.from({ length: 10 }, () => route(code, TENTH));
  return [...whole, route(code, SMALL)];
}

test('the limits are those of the catalogue', () => {
  expect({
    MAX_UNREAD_BYTES,
    MAX_UNREAD_MESSAGES,
    HANDLER_STALL_MS,
  }).toEqual({
    MAX_UNREAD_BYTES: 32 * 1024 * 1024,
    MAX_UNREAD_MESSAGES: 1024,
    HANDLER_STALL_MS: 20_000,
  });
});

describe('F2: what waits for handlers is bounded', () => {
  for (const [what, fill] of [
    ['1,024 messages of one protocol', fillWithMessages],
    ['its part of 32 MiB', fillWithBytes],
  ] as const)
    test(`by ${what}: with more, reading stops`, () => {
      const at = newRouter();
      const answers = fill(at);
      expect(answers.indexOf(false)).toBe(answers.length - 1);
      expect(at.router.isReadingStopped).toBe(true);
    });

  test('one protocol has 32 MiB for itself, and each of several an equal part', () => {
    const alone = newRouter({ places: PLACES.slice(0, 1) });
    for (let i = 0; i < 32; i += 1) expect(alone.route(ETH, MIB)).toBe(true);
    expect(alone.route(ETH, SMALL)).toBe(false);

    const three = newRouter();
    for (let i = 0; i < 10; i += 1)
      for (const code of [ETH, SNAP]) expect(three.route(code, TENTH)).toBe(true);
    expect(three.route(SNAP, SMALL)).toBe(false);
  });

  test('a slow protocol does not reduce the room of the others', async () => {
    const at = newRouter();
    for (let i = 0; i < 10; i += 1) at.route(ETH, TENTH);
    for (let i = 0; i < MAX_UNREAD_MESSAGES; i += 1) {
      expect(at.route(SNAP, SMALL)).toBe(true);
      if (i % 2 === 1) await take(at.port('snap'), 1);
    }
    expect(at.route(ETH, SMALL)).toBe(false);
    at.clock.advance(HANDLER_STALL_MS);
    expect(at.reports).toEqual([{ type: 'handler.stalled', protocol: 'eth/68' }]);
  });

  test('messages that a handler takes at once are never queued', async () => {
    const { route, port, router } = newRouter();
    for (let i = 0; i < 2 * MAX_UNREAD_MESSAGES; i += 1) {
      const taken = take(port('eth'), 1);
      expect(route(ETH, MIB)).toBe(true);
      await taken;
    }
    expect(router.isReadingStopped).toBe(false);
  });

  test('reading goes on when half of the messages are left', async () => {
    const at = newRouter();
    fillWithMessages(at);
    await take(at.port('eth'), MAX_UNREAD_MESSAGES / 2);
    expect([at.at.rooms, at.router.isReadingStopped]).toEqual([0, true]);
    await take(at.port('eth'), 1);
    expect([at.at.rooms, at.router.isReadingStopped]).toEqual([1, false]);
    await take(at.port('eth'), 100);
    expect(at.at.rooms).toBe(1);
  });

  test('reading goes on when half of the bytes are left', async () => {
    const at = newRouter();
    fillWithBytes(at);
    await take(at.port('eth'), 5);
    expect(at.at.rooms).toBe(0);
    await take(at.port('eth'), 1);
    expect(at.at.rooms).toBe(1);
  });

  test('a handler that continues is not enough when another queue is full', async () => {
    const at = newRouter();
    at.route(SNAP, SMALL);
    fillWithMessages(at, ETH);
    await take(at.port('snap'), 1);
    expect(at.at.rooms).toBe(0);
  });

  test('pings are answered while a queue fills up', async () => {
    const at = newRouter();
    for (let i = 0; i < MAX_UNREAD_MESSAGES; i += 1) at.route(ETH, SMALL);
    expect(at.route(PING)).toBe(true);
    await turns(1);
    expect(at.replies).toEqual([PONG]);
  });
});

describe('F2: a handler that does not take its messages', () => {
  test('is reported 20 s after its queue was full, to the millisecond', () => {
    const at = newRouter();
    at.clock.advance(5_000);
    fillWithMessages(at);
    at.clock.advance(HANDLER_STALL_MS - 1);
    expect(at.reports).toEqual([]);
    at.clock.advance(1);
    expect(at.reports).toEqual([{ type: 'handler.stalled', protocol: 'eth/68' }]);
    at.clock.advance(3_600_000);
    expect(at.reports).toHaveLength(1);
  });

  test('is not reported while it takes one in 20 s, however long its queue stays full', async () => {
    const at = newRouter();
    fillWithMessages(at);
    for (let taken = 0; taken < 10; taken += 1) {
      at.clock.advance(HANDLER_STALL_MS - 1);
      await take(at.port('eth'), 1);
    }
    expect(at.reports).toEqual([]);
    at.clock.advance(HANDLER_STALL_MS);
    expect(at.reports).toEqual([{ type: 'handler.stalled', protocol: 'eth/68' }]);
  });

  test('has 20 s each time anew', async () => {
    const at = newRouter();
    fillWithMessages(at);
    at.clock.advance(HANDLER_STALL_MS - 1);
    await take(at.port('eth'), MAX_UNREAD_MESSAGES);
    expect(at.clock.pending).toBe(0);
    fillWithMessages(at);
    at.clock.advance(HANDLER_STALL_MS - 1);
    expect(at.reports).toEqual([]);
  });

  test('is named by the messages that wait, when they are too many', () => {
    const at = newRouter();
    at.route(ETH, MIB);
    fillWithMessages(at, SNAP);
    at.clock.advance(HANDLER_STALL_MS);
    expect(at.reports).toEqual([{ type: 'handler.stalled', protocol: 'snap/1' }]);
  });

  test('is named by the bytes that wait, when they are too many', () => {
    const at = newRouter();
    for (let i = 0; i < 100; i += 1) at.route(ETH, SMALL);
    fillWithBytes(at, SNAP);
    at.clock.advance(HANDLER_STALL_MS);
    expect(at.reports).toEqual([{ type: 'handler.stalled', protocol: 'snap/1' }]);
  });
});

describe('the end', () => {
  test('closes every port with the reason', () => {
    const { router } = newRouter();
    const reason = new Error('the peer is gone');
    router.close(reason);
    for (const { signal } of router.ports) expect(signal.reason).toBe(reason);
  });

  test('R9: leaves no timer, even with a full queue', () => {
    const at = newRouter();
    fillWithMessages(at);
    expect(at.clock.pending).toBe(1);
    at.router.close(new Error('over'));
    expect(at.clock.pending).toBe(0);
  });
});
