import { expect, test } from 'vitest';

import { SeededRandom } from '../../../src/testing/world/seeded-random.ts';
import { VirtualClock } from '../../../src/testing/world/virtual-clock.ts';
import { settledHeap } from '../../fuzz/watchdog.ts';

test('timers run in due order, and those due together in the order in which they were set', () => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  clock.setTimeout(() => ran.push('late'), 20);
  clock.setTimeout(() => ran.push('first'), 10);
  clock.setTimeout(() => ran.push('second'), 10);
  clock.setTimeout(() => ran.push('at once'), -5);
  clock.advance(19);
  expect(ran).toEqual(['at once', 'first', 'second']);
  expect([clock.now(), clock.pending, clock.nextAt]).toEqual([19, 1, 20]);
  clock.advance(1);
  expect(ran.at(-1)).toBe('late');
  expect([clock.now(), clock.pending, clock.nextAt]).toEqual([20, 0, null]);
});

test('a timer set while time advances runs when it is due', () => {
  const clock = new VirtualClock();
  const ranAt: number[] = [];
  clock.setTimeout(() => clock.setTimeout(() => ranAt.push(clock.now()), 5), 10);
  clock.advance(14);
  expect(ranAt).toEqual([]);
  clock.advance(1);
  expect(ranAt).toEqual([15]);
});

test('a cancelled timer does not run, however often and whenever it is cancelled', () => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  const timer = clock.setTimeout(() => ran.push('never'), 10);
  const other = clock.setTimeout(() => ran.push('other'), 10);
  for (let time = 0; time < 2; time += 1) clock.clearTimeout(timer);
  clock.clearTimeout(undefined);
  expect(clock.pending).toBe(1);
  clock.advance(10);
  clock.clearTimeout(other);
  expect([ran, clock.pending]).toEqual([['other'], 0]);
});

test('a leap runs nothing, and timers due meanwhile run late', () => {
  const clock = new VirtualClock();
  const ran: [string, number][] = [];
  clock.setTimeout(() => ran.push(['b', clock.now()]), 20);
  clock.setTimeout(() => ran.push(['a', clock.now()]), 10);
  clock.setTimeout(() => ran.push(['c', clock.now()]), 110);
  clock.leap(100);
  expect([clock.now(), ran]).toEqual([100, []]);
  clock.advance(0);
  expect(ran).toEqual([
    ['a', 100],
    ['b', 100],
  ]);
  clock.advance(10);
  expect(ran.at(-1)).toEqual(['c', 110]);
});

test('a delay that is not a number throws', () => {
  expect(() => new VirtualClock().setTimeout(() => {}, Number.NaN)).toThrow(RangeError);
});

test('thousands of timers, most of them cancelled, run in order', () => {
  const clock = new VirtualClock();
  const random = new SeededRandom('timers');
  const expected: { at: number; order: number }[] = [];
  const ran: { at: number; order: number }[] = [];
  for (let order = 0; order < 5_000; order += 1) {
    const at = random.between(0, 500);
    const timer = clock.setTimeout(() => ran.push({ at, order }), at);
    if (random.chance(0.8)) clock.clearTimeout(timer);
    else expected.push({ at, order });
  }
  expect(clock.pending).toBe(expected.length);
  clock.advance(500);
  expect(ran).toEqual(expected.sort((a, b) => a.at - b.at || a.order - b.order));
});

test('cancelled timers are not held while another one waits', async () => {
  const clock = new VirtualClock();
  clock.setTimeout(() => {}, 1_000);
  const cancel = (count: number) => {
    for (let timer = 0; timer < count; timer += 1)
      clock.clearTimeout(clock.setTimeout(() => {}, 2_000));
  };
  cancel(1_000);
  const before = await settledHeap();
  cancel(100_000);
  expect((await settledHeap()) - before).toBeLessThan(2_000_000); // 20 bytes for each
  expect(clock.pending).toBe(1);
});

test('a timer that sets itself again without a delay is an error, and does not hang', () => {
  const clock = new VirtualClock();
  const again = (): void => void clock.setTimeout(again, 0);
  again();
  expect(() => clock.advance(1)).toThrow('time does not pass');
});
