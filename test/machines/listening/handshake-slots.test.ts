import { describe, expect, test } from 'vitest';

import type { Caller } from '../../../src/io/adapters/caller-lookup.ts';
import {
  ALL_FREE,
  type HandshakeSlots,
  isSourceBusy,
  keepSlot,
  MAX_PENDING_PER_SOURCE,
  PAGE_SLOTS,
  REPLACEABLE_AFTER_MS,
  replaceableSlot,
  returnSlot,
  takeSlot,
} from '../../../src/machines/listening/handshake-slots.ts';

const caller = (source: string | null, at = 0, isLan = false): Caller => ({
  at,
  source,
  isLan,
  isRestricted: false,
});

/** Held by these, in this order, from number 1 on. */
const heldBy = (...callers: readonly Caller[]): HandshakeSlots =>
  callers.reduce(takeSlot, ALL_FREE);

const LATER = REPLACEABLE_AFTER_MS + 1;

describe('slots', () => {
  test('are numbered, and no number is used twice', () => {
    const slots = returnSlot(heldBy(caller('a'), caller('b')), 2);
    expect([slots.used, slots.next]).toEqual([1, 3]);
    expect([...heldNumbers(takeSlot(slots, caller('c')))]).toEqual([1, 3]);
  });

  test('are returned once; the number of a free slot changes nothing', () => {
    const slots = heldBy(caller('a'), caller('b'));
    const left = returnSlot(slots, 1);
    expect(left.used).toBe(1);
    for (const number of [1, 0, 3, 99_999]) expect(returnSlot(left, number)).toBe(left);
    expect(keepSlot(left, 1)).toBe(left);
  });

  test('are never changed: each step makes new ones', () => {
    const slots = heldBy(caller('a'), caller('b'));
    const before = structuredClone(slots);
    takeSlot(slots, caller('c'));
    returnSlot(slots, 1);
    keepSlot(slots, 2);
    expect(slots).toEqual(before);
  });

  test('leave no page behind when all its slots were returned', () => {
    let slots = ALL_FREE;
    for (let i = 0; i < 3 * PAGE_SLOTS; i += 1) slots = takeSlot(slots, caller(null));
    for (let number = 1; number <= 3 * PAGE_SLOTS; number += 1) slots = returnSlot(slots, number);
    expect([slots.used, slots.pages.size]).toEqual([0, 0]);
  });
});

describe('R1: one source', () => {
  test('holds two at most', () => {
    expect(MAX_PENDING_PER_SOURCE).toBe(2);
    expect(isSourceBusy(heldBy(caller('a'), caller('b')), caller('a'))).toBe(false);
    const busy = heldBy(caller('a'), caller('b'), caller('a'));
    expect(isSourceBusy(busy, caller('a'))).toBe(true);
    expect(isSourceBusy(busy, caller('b'))).toBe(false);
    expect(isSourceBusy(returnSlot(busy, 3), caller('a'))).toBe(false);
    expect(isSourceBusy(keepSlot(busy, 1), caller('a'))).toBe(true);
  });

  test('holds any number of slots in the LAN, or without an address', () => {
    for (const near of [caller('10.0.0.1', 0, true), caller(null)])
      expect(isSourceBusy(heldBy(near, near, near), near)).toBe(false);
  });
});

describe('R1: which holder may be replaced', () => {
  const cases: [string, HandshakeSlots, Caller, number | null][] = [
    ['none where there is no holder', ALL_FREE, caller('z', LATER), null],
    ['none for 500 ms, to the ms', heldBy(caller('a')), caller('z', 500), null],
    ['the silent one after that', heldBy(caller('a')), caller('z', 501), 1],
    ['the oldest', heldBy(caller('a', 1), caller('b', 2)), caller('z', 5_000), 1],
    [
      'the oldest of the silent ones',
      keepSlot(heldBy(caller('a'), caller('b'), caller('c')), 1),
      caller('z', LATER),
      2,
    ],
    [
      'none when every holder sent a whole auth',
      keepSlot(heldBy(caller('a')), 1),
      caller('z', LATER),
      null,
    ],
    [
      'none when the oldest silent one is young',
      keepSlot(heldBy(caller('a', 0), caller('b', 1)), 1),
      caller('z', LATER),
      null,
    ],
    [
      'none for a source that has a handshake already',
      heldBy(caller('a'), caller('z')),
      caller('z', LATER),
      null,
    ],
    [
      'one from the LAN, for one from the LAN',
      heldBy(caller('10.0.0.1', 0, true)),
      caller('10.0.0.1', LATER, true),
      1,
    ],
    ['one without an address, too', heldBy(caller(null)), caller(null, LATER), 1],
  ];
  test.for(cases)('%s', ([, slots, who, slot]) => {
    expect(REPLACEABLE_AFTER_MS).toBe(500);
    expect(replaceableSlot(slots, who)).toBe(slot);
  });

  test('the oldest is found across pages, whatever was returned before it', () => {
    let slots = ALL_FREE;
    for (let at = 0; at < 2 * PAGE_SLOTS; at += 1) slots = takeSlot(slots, caller(null, at));
    for (let number = 1; number <= PAGE_SLOTS; number += 1) slots = returnSlot(slots, number);
    expect(replaceableSlot(slots, caller('z', 10_000))).toBe(PAGE_SLOTS + 1);
  });
});

function heldNumbers({ pages }: HandshakeSlots): number[] {
  return [...pages.values()].flatMap((page) => [...page.keys()]);
}
