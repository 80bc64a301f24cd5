/** The budget over all peers, as one router feels it. */
import { describe, expect, test } from 'vitest';
import { HANDLER_STALL_MS } from '../../../src/io/link/message-router.ts';
import { Budget, BudgetShare, GUARANTEED_BYTES } from '../../../src/io/process/budget.ts';
import { newRouter, PLACES } from '../../support/router.ts';

const ETH = 0x10;
const MIB = 1024 * 1024;
const MESSAGE = new Uint8Array(MIB);
const places = PLACES.slice(0, 1);

/** Two routers and another share on a budget of 40 MiB. */
function newPair(compressed = false) {
  const budget = new Budget(40 * MIB);
  const [one, two] = [1, 2].map(() => newRouter({ places, budget, compressed }));
  return { budget, one: one!, two: two!, other: new BudgetShare(budget) };
}

/** As much of a frame as makes its announcement count. */
const largePart = (announcedBytes: number) => ({ announcedBytes, receivedBytes: GUARANTEED_BYTES });

const messagesOf = ({ port }: ReturnType<typeof newRouter>) => port('eth')[Symbol.asyncIterator]();

describe('messages that wait', () => {
  test('are counted until their handler takes them', async () => {
    const { budget, one } = newPair();
    for (let i = 0; i < 3; i += 1) one.route(ETH, MESSAGE);
    expect(budget.heldBytes).toBe(3 * MIB);
    await messagesOf(one).next();
    expect(budget.heldBytes).toBe(2 * MIB);
    one.router.close(new Error('over'));
    expect(budget.heldBytes).toBe(2 * MIB);
    await messagesOf(one).next();
    expect(budget.heldBytes).toBe(MIB);
    one.router.drop();
    expect(budget.heldBytes).toBe(0);
    one.route(ETH, MESSAGE);
    expect(budget.heldBytes).toBe(0);
  });

  test('stop the reading of who has most, and not of who has little', () => {
    const { other, one, two } = newPair();
    for (let i = 0; i < 10; i += 1) expect(one.route(ETH, MESSAGE)).toBe(true);
    other.hold(21 * MIB);
    expect(two.route(ETH, MESSAGE)).toBe(true);
    expect(one.route(ETH, MESSAGE)).toBe(false);
    expect([one.router.isReadingStopped, two.router.isReadingStopped]).toEqual([true, false]);
  });

  test('are read again when others make room, and no more than once for it', () => {
    const { other, one } = newPair();
    other.hold(35 * MIB);
    for (let i = 0; i < 4; i += 1) one.route(ETH, MESSAGE);
    expect(one.router.isReadingStopped).toBe(true);
    other.hold(0);
    expect([one.router.isReadingStopped, one.at.rooms, one.clock.pending]).toEqual([false, 1, 0]);
  });

  test('are read again when their own handler makes room', async () => {
    const { other, one } = newPair();
    other.hold(35 * MIB);
    for (let i = 0; i < 3; i += 1) one.route(ETH, MESSAGE);
    expect(one.router.isReadingStopped).toBe(true);
    await messagesOf(one).next();
    expect([one.router.isReadingStopped, one.at.rooms]).toEqual([false, 1]);
  });

  test('that no handler takes are a stall after 20 s, although other peers made room meanwhile', () => {
    const { other, one } = newPair();
    other.hold(38 * MIB);
    for (let i = 0; i < 2; i += 1) one.route(ETH, MESSAGE);
    one.clock.advance(HANDLER_STALL_MS - 1);
    other.hold(0);
    expect([one.router.isReadingStopped, one.clock.pending]).toEqual([false, 0]);
    other.hold(38 * MIB);
    one.route(ETH, MESSAGE);
    expect(one.reports).toEqual([]);
    one.clock.advance(1);
    expect(one.reports).toEqual([{ type: 'handler.stalled', protocol: 'eth/68' }]);
  });

  test('have 20 s anew once one of them was taken', async () => {
    const { other, one } = newPair();
    other.hold(38 * MIB);
    for (let i = 0; i < 2; i += 1) one.route(ETH, MESSAGE);
    one.clock.advance(HANDLER_STALL_MS - 1);
    await messagesOf(one).next();
    for (let i = 0; i < 2; i += 1) one.route(ETH, MESSAGE);
    one.clock.advance(HANDLER_STALL_MS - 1);
    expect(one.reports).toEqual([]);
    one.clock.advance(1);
    expect(one.reports).toHaveLength(1);
  });
});

describe('F2: a message that is coming in', () => {
  test('has its room reserved once 64 KiB of it are here, until it is complete', () => {
    const { budget, one } = newPair();
    one.router.expectFrame({ announcedBytes: 0, receivedBytes: 31 });
    one.router.expectFrame({ announcedBytes: MIB, receivedBytes: GUARANTEED_BYTES - 1 });
    expect(one.router.isReadingStopped).toBe(false);
    expect(budget.heldBytes).toBe(0);
    for (let part = 0; part < 3; part += 1) one.router.expectFrame(largePart(MIB));
    expect(one.router.isReadingStopped).toBe(false);
    expect(budget.heldBytes).toBe(MIB);
    one.route(ETH, MESSAGE.subarray(1));
    expect(budget.heldBytes).toBe(MIB - 1);
  });

  test('may become 32 times as large, but not larger than any protocol allows', () => {
    const { budget, one } = newPair(true);
    one.router.expectFrame(largePart(100_000));
    expect(budget.heldBytes).toBe(3_200_064);
    const limited = newRouter({
      compressed: true,
      budget,
      places: [{ ...places[0]!, maxMessageBytes: 500_000 }],
    });
    limited.router.expectFrame(largePart(100_000));
    expect(budget.heldBytes).toBe(3_700_064);
    limited.router.drop();
    limited.router.expectFrame(largePart(100_000));
    expect(budget.heldBytes).toBe(3_200_064);
  });

  test('for which there is no room waits for it, is not counted meanwhile, and is no stall of a handler', () => {
    const { budget, one, other } = newPair();
    other.hold(38 * MIB);
    one.router.expectFrame(largePart(2 * MIB));
    expect(one.router.isReadingStopped).toBe(true);
    expect(budget.heldBytes).toBe(38 * MIB);
    one.clock.advance(10 * HANDLER_STALL_MS);
    expect(one.reports).toEqual([]);
    other.hold(36 * MIB);
    expect([one.at.rooms, one.router.isReadingStopped]).toEqual([1, false]);
    expect(budget.heldBytes).toBe(38 * MIB);
  });

  test('of a handler that was never late is no stall when its queue is full much later', () => {
    const { one, other } = newPair();
    other.hold(38 * MIB);
    one.router.expectFrame(largePart(2 * MIB));
    other.hold(0);
    one.clock.advance(10 * HANDLER_STALL_MS);
    other.hold(38 * MIB);
    for (let i = 0; i < 2; i += 1) one.route(ETH, MESSAGE);
    one.clock.advance(HANDLER_STALL_MS - 1);
    expect(one.reports).toEqual([]);
    one.clock.advance(1);
    expect(one.reports).toHaveLength(1);
  });
});
