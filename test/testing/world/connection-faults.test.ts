import { expect, test } from 'vitest';

import {
  type ConnectionFaults,
  faultInjector,
} from '../../../src/testing/world/connection-faults.ts';
import { SeededRandom } from '../../../src/testing/world/seeded-random.ts';

/** The faults of 400 connections, as texts. */
function faultsOf(faults: ConnectionFaults): string[][] {
  const inject = faultInjector(faults, new SeededRandom('faults'));
  return Array.from({ length: 400 }, () => {
    const log: string[] = [];
    inject({
      cut: (kind, afterBytes, direction) => log.push(`${kind} ${direction} ${afterBytes}`),
      freeze: (direction) => log.push(`freeze ${direction}`),
    });
    return log;
  });
}

test('there are no faults by default', () => {
  expect(faultsOf({}).flat()).toEqual([]);
});

test.for([
  ['reset', 'reset'],
  ['fin', 'fin'],
  ['stall', 'stall'],
  ['neverReads', 'freeze'],
] as const)('%s happens at its rate, in both directions', ([rate, prefix]) => {
  const log = faultsOf({ [rate]: 0.25 }).flat();
  expect(Math.abs(log.length - 100)).toBeLessThan(30);
  expect(log.every((line) => line.startsWith(prefix))).toBe(true);
  for (const direction of ['aToB', 'bToA'])
    expect(log.filter((line) => line.includes(direction)).length).toBeGreaterThan(25);
});

test('a fault happens anywhere in the first 2,000 bytes', () => {
  const at = faultsOf({ reset: 1 }).map(([line]) => Number(line!.split(' ')[2]));
  expect(Math.min(...at)).toBeLessThan(100);
  expect(Math.max(...at)).toBeGreaterThan(1_900);
  expect(Math.max(...at)).toBeLessThanOrEqual(2_000);
});

test('one probability does not change the faults of another kind', () => {
  const resets = (faults: ConnectionFaults) =>
    faultsOf(faults).map((log) => log.filter((line) => line.startsWith('reset')));
  expect(resets({ reset: 0.3, fin: 0.5, neverReads: 1 })).toEqual(resets({ reset: 0.3 }));
});
