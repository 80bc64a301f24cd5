import { describe, expect, test } from 'vitest';

import {
  LAN_FACTOR,
  MAX_SOURCES,
  SOURCE_LIMITS,
  SourceBudgets,
} from '../../../src/io/discovery/source-budgets.ts';
import { StepClock } from '../../support/step-clock.ts';

const HOST = '46.0.0.1';

/** How often it says yes in a row. */
function count(take: () => boolean, limit = 10_000): number {
  let times = 0;
  while (times < limit && take()) times += 1;
  return times;
}

describe('packets of one source', () => {
  test('K1: 20 at once, then 10 a second', () => {
    const { clock, budgets } = stage();
    expect(count(() => budgets.takePacket(HOST))).toBe(20);
    clock.advance(1_000);
    expect(count(() => budgets.takePacket(HOST))).toBe(10);
    expect(count(() => budgets.takePacket('46.0.0.2'))).toBe(20);
  });

  test('an IPv6 /64 is one source, and an IPv4 address inside IPv6 is that address', () => {
    const { budgets } = stage();
    expect(count(() => budgets.takePacket('2a00:1:2:3::1'))).toBe(20);
    expect(budgets.takePacket('2a00:1:2:3:ffff::9')).toBe(false);
    expect(budgets.takePacket('2a00:1:2:4::1')).toBe(true);
    expect(count(() => budgets.takePacket('::ffff:46.0.0.1'))).toBe(20);
    expect(budgets.takePacket(HOST)).toBe(false);
  });

  test('the same machine and the LAN have a hundred times as many', () => {
    for (const host of ['127.0.0.1', '10.1.2.3', '::1', 'fe80::1%eth0'])
      expect(count(() => stage().budgets.takePacket(host), 1)).toBe(1);
    const { budgets } = stage();
    expect(count(() => budgets.takePacket('192.168.1.1'))).toBe(20 * LAN_FACTOR);
  });

  test('what is no address has none', () => {
    expect(stage().budgets.takePacket('node.example')).toBe(false);
  });

  test('K3: are counted for 10 000 sources at most', () => {
    const { budgets } = stage();
    for (let index = 0; index < MAX_SOURCES + 5; index += 1)
      budgets.takePacket(`46.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);
    expect(budgets.sources).toBe(MAX_SOURCES);
  });
});

describe('answers to strangers', () => {
  test('K2: pongs to one source are 20 at once, then 2 a second', () => {
    const { clock, budgets } = stage();
    expect(count(() => budgets.takePong(HOST))).toBe(20);
    clock.advance(1_000);
    expect(count(() => budgets.takePong(HOST))).toBe(2);
  });

  test('K2: pings to one source are 20 at once, then one in 30 seconds', () => {
    const { clock, budgets } = stage();
    expect(count(() => budgets.takePing(HOST))).toBe(20);
    clock.advance(29_999);
    expect(budgets.takePing(HOST)).toBe(false);
    clock.advance(2);
    expect(count(() => budgets.takePing(HOST))).toBe(1);
  });

  test('pongs to all are 200 a second, and pings too', () => {
    const { clock, budgets } = stage();
    let source = 0;
    const host = () => {
      source += 1;
      return `46.0.${source >> 8}.${source & 255}`;
    };
    const counts = () => [
      count(() => budgets.takePong(host())),
      count(() => budgets.takePing(host())),
    ];
    expect(counts()).toEqual([SOURCE_LIMITS.allPongs.size, SOURCE_LIMITS.allPings.size]);
    clock.advance(500);
    expect(counts()).toEqual([100, 100]);
  });
});

describe('challenges', () => {
  test('K14: to one source are two at once, then one a second', () => {
    const { clock, budgets } = stage();
    expect(count(() => budgets.takeWhoareyou(HOST))).toBe(2);
    clock.advance(1_000);
    expect(count(() => budgets.takeWhoareyou(HOST))).toBe(1);
    expect(count(() => budgets.takeWhoareyou('127.0.0.1'))).toBe(2 * LAN_FACTOR);
  });

  test('K14: to all are 100 a second, and those that get none then keep their own budget', () => {
    const { clock, budgets } = stage();
    let source = 0;
    const next = () => {
      source += 1;
      return `46.0.${source >> 8}.${source & 255}`;
    };
    expect(count(() => budgets.takeWhoareyou(next()))).toBe(SOURCE_LIMITS.allWhoareyous.size);
    expect(count(() => budgets.takeWhoareyou('10.0.0.1'), 1)).toBe(1);
    for (let times = 0; times < 5; times += 1) expect(budgets.takeWhoareyou(HOST)).toBe(false);
    clock.advance(1_000);
    expect(count(() => budgets.takeWhoareyou(HOST))).toBe(2);
  });
});

describe('recoveries', () => {
  test('K1: use a fifth of a core, whatever one costs', () => {
    for (const [ms, expected] of [
      [2, 100],
      [0.5, 400],
    ] as const) {
      const { clock, budgets } = stage();
      const cost = () => budgets.recover('question', () => clock.advance(ms));
      const work = () => {
        const canRecover = budgets.canRecover('question');
        if (canRecover) cost();
        return canRecover;
      };
      count(work); // what was saved up
      const startedAt = clock.now();
      let done = 0;
      while (clock.now() - startedAt < 10_000) {
        if (work()) done += 1;
        else clock.advance(1);
      }
      expect(done / 10).toBeGreaterThan(0.9 * expected);
      expect(done / 10).toBeLessThan(1.1 * expected);
    }
  });

  test('cost something on a clock that stands still', () => {
    const { budgets } = stage();
    const work = () => budgets.canRecover('question') && budgets.recover('question', () => true);
    expect(count(work)).toBeLessThanOrEqual(2_001);
    expect(count(work)).toBe(0);
  });

  test('that took long, as when the machine was suspended, do not stop us for long', () => {
    const { clock, budgets } = stage();
    budgets.recover('question', () => clock.advance(60_000));
    expect(budgets.canRecover('question')).toBe(true);
  });

  test('that throw are charged too', () => {
    const { clock, budgets } = stage();
    const work = () => {
      if (!budgets.canRecover('answer')) return false;
      try {
        budgets.recover('answer', () => {
          clock.advance(1);
          throw new Error('no key');
        });
      } catch {
        // as expected
      }
      return true;
    };
    expect(count(work)).toBeLessThan(300);
  });

  test('of questions leave those of answers alone', () => {
    const { budgets } = stage();
    count(() => budgets.canRecover('question') && budgets.recover('question', () => true));
    expect([budgets.canRecover('question'), budgets.canRecover('answer')]).toEqual([false, true]);
  });
});

function stage() {
  const clock = new StepClock();
  return { clock, budgets: new SourceBudgets(clock) };
}
