import { expect, test } from 'vitest';

import { type ConnectionFaults, plagueOf } from '../../../src/testing/world/connection-faults.ts';
import { SeededRandom } from '../../../src/testing/world/seeded-random.ts';

/** What befalls 400 connections, in words. */
function befallen(plague: ConnectionFaults): string[][] {
  const befall = plagueOf(plague, new SeededRandom('plague'));
  return Array.from({ length: 400 }, () => {
    const log: string[] = [];
    befall({
      cut: (kind, afterBytes, direction) => log.push(`${kind} ${direction} ${afterBytes}`),
      freeze: (direction) => log.push(`freeze ${direction}`),
    });
    return log;
  });
}

test('nothing befalls a connection unless it is asked for', () => {
  expect(befallen({}).flat()).toEqual([]);
});

test.for([
  ['reset', 'reset'],
  ['fin', 'fin'],
  ['stall', 'stall'],
  ['deafness', 'freeze'],
] as const)('%s befalls as many as it says, in both directions', ([rate, word]) => {
  const log = befallen({ [rate]: 0.25 }).flat();
  expect(Math.abs(log.length - 100)).toBeLessThan(30);
  expect(log.every((line) => line.startsWith(word))).toBe(true);
  for (const direction of ['aToB', 'bToA'])
    expect(log.filter((line) => line.includes(direction)).length).toBeGreaterThan(25);
});

test('it happens anywhere in the first 2,000 bytes', () => {
  const at = befallen({ reset: 1 }).map(([line]) => Number(line!.split(' ')[2]));
  expect(Math.min(...at)).toBeLessThan(100);
  expect(Math.max(...at)).toBeGreaterThan(1_900);
  expect(Math.max(...at)).toBeLessThanOrEqual(2_000);
});

test('one rate does not change what another one does', () => {
  const resets = (plague: ConnectionFaults) =>
    befallen(plague).map((log) => log.filter((line) => line.startsWith('reset')));
  expect(resets({ reset: 0.3, fin: 0.5, deafness: 1 })).toEqual(resets({ reset: 0.3 }));
});
