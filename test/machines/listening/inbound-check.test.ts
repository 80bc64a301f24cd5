import { describe, expect, test } from 'vitest';

import type { Caller } from '../../../src/io/adapters/caller-lookup.ts';
import { parseIp, sourceKey } from '../../../src/io/wire/ip-address.ts';
import {
  checkInbound,
  INBOUND_THROTTLE_MS,
  type InboundDecision,
  type InboundHistory,
  MAX_PAGES,
  PAGE_SOURCES,
  remember,
} from '../../../src/machines/listening/inbound-check.ts';

const MAX_SOURCES = MAX_PAGES * PAGE_SOURCES;

const caller = (source: string | null, at = 0, facts: Partial<Caller> = {}): Caller => ({
  at,
  source,
  isLan: false,
  isRestricted: false,
  ...facts,
});

const lan = { isLan: true };
const restricted = { isRestricted: true };
const once = remember([], caller('a', 1_000));

describe('a new connection', () => {
  const cases: [string, InboundHistory, Caller, InboundDecision][] = [
    ['from anywhere is admitted', [], caller('a'), 'accept'],
    ['R3: is not admitted again at once', once, caller('a', 1_000), 'throttled'],
    ['R3: nor 30 s later, to the ms', once, caller('a', 31_000), 'throttled'],
    ['but after that', once, caller('a', 31_001), 'accept'],
    ['from elsewhere is admitted at any time', once, caller('b', 1_000), 'accept'],
    ['from the LAN too', remember([], caller('a', 0, lan)), caller('a', 0, lan), 'accept'],
    ['outside of NetRestrict is not', [], caller('a', 0, restricted), 'netRestrict'],
    ['nor one from the LAN', [], caller('a', 0, { ...lan, ...restricted }), 'netRestrict'],
    ['and NetRestrict is asked first', once, caller('a', 1_000, restricted), 'netRestrict'],
    ['without an address is admitted', once, caller(null, 1_000), 'accept'],
  ];
  test.for(cases)('%s', ([, history, who, verdict]) => {
    expect(checkInbound(history, who)).toBe(verdict);
  });

  test('from a throttled source has to wait for 30 s', () =>
    expect(INBOUND_THROTTLE_MS).toBe(30_000));
});

describe('ExpHeap: the history', () => {
  test('does not keep callers that are never throttled', () => {
    expect(remember([], caller('a', 0, lan))).toEqual([]);
    expect(remember([], caller(null))).toEqual([]);
  });

  test('is never changed: each admission makes a new one', () => {
    const before = structuredClone(once);
    remember(once, caller('b', 2_000));
    remember(once, caller('a', 40_000));
    expect(once).toEqual(before);
  });

  test('restarts the wait with each admission', () => {
    const twice = remember(once, caller('a', 31_001));
    expect(checkInbound(twice, caller('a', 61_001))).toBe('throttled');
    expect(checkInbound(twice, caller('a', 61_002))).toBe('accept');
  });

  test('drops a page once its last source is no longer throttled', () => {
    const full = flood([], PAGE_SOURCES, 0);
    const next = remember(full, caller('b', 10_000));
    expect(remember(next, caller('c', 30_000))).toHaveLength(2);
    expect(remember(next, caller('c', 30_001))).toHaveLength(1);
    expect(remember(next, caller('c', 40_001, lan))).toEqual([]);
  });

  test('R3: holds 65,536 sources, and the oldest leave first', () => {
    expect(MAX_SOURCES).toBe(65_536);
    const full = flood([], MAX_SOURCES, 0);
    expect(size(full)).toBe(MAX_SOURCES);
    expect(checkInbound(full, caller('source 0'))).toBe('throttled');

    const over = remember(full, caller('one more'));
    expect(size(over)).toBeLessThanOrEqual(MAX_SOURCES);
    expect(checkInbound(over, caller('source 0'))).toBe('accept');
    expect(checkInbound(over, caller(`source ${PAGE_SOURCES}`))).toBe('throttled');
    expect(checkInbound(over, caller(`source ${MAX_SOURCES - 1}`))).toBe('throttled');
    expect(checkInbound(over, caller('one more'))).toBe('throttled');
  });
});

describe('R3: one source', () => {
  const admissions = (hosts: Iterable<string>): number => {
    let history: InboundHistory = [];
    let count = 0;
    for (const host of hosts) {
      const who = caller(sourceKey(parseIp(host)!));
      if (checkInbound(history, who) !== 'accept') continue;
      history = remember(history, who);
      count += 1;
    }
    return count;
  };

  test('is a /64: 100,000 addresses in it are admitted once', () => {
    expect(
      admissions(
        (function* () {
          for (let host = 0; host < 100_000; host += 1)
            yield `2001:db8:0:1:0:0:${(host >>> 16).toString(16)}:${(host & 0xffff).toString(16)}`;
        })(),
      ),
    ).toBe(1);
  });

  test('is an IPv4 address, mapped or not', () => {
    expect(admissions(['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201'])).toBe(1);
  });

  test('is not two IPv4 addresses, or two /64', () => {
    expect(admissions(['192.0.2.1', '192.0.2.2', '2001:db8:0:1::1', '2001:db8:0:2::1'])).toBe(4);
  });
});

/** So many sources, each once. */
function flood(begin: InboundHistory, count: number, at: number): InboundHistory {
  let history = begin;
  for (let index = 0; index < count; index += 1)
    history = remember(history, caller(`source ${index}`, at));
  return history;
}

const size = (history: InboundHistory): number =>
  history.reduce((sum, { sources }) => sum + sources.size, 0);
