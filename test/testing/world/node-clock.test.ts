import { expect, test } from 'vitest';

import { NodeClock } from '../../../src/testing/world/node-clock.ts';
import { VirtualClock } from '../../../src/testing/world/virtual-clock.ts';

function clocks() {
  const world = new VirtualClock();
  return { world, node: new NodeClock(world) };
}

test('it runs with the clock of its world', () => {
  const { world, node } = clocks();
  const ranAt: number[] = [];
  node.setTimeout(() => ranAt.push(node.now()), 10);
  node.clearTimeout(node.setTimeout(() => ranAt.push(-1), 5));
  expect(node.pending).toBe(1);
  world.advance(20);
  expect([ranAt, node.now(), node.pending]).toEqual([[10], 20, 0]);
});

test('timers of a node that leaps fire late in due order; other nodes do not change', () => {
  const { world, node } = clocks();
  const ran: string[] = [];
  node.setTimeout(() => ran.push('second'), 300);
  node.setTimeout(() => ran.push('first'), 200);
  node.setTimeout(() => ran.push('in time'), 1_050);
  world.setTimeout(() => ran.push('world'), 40);
  node.leap(1_000);
  expect([ran, node.now(), world.now()]).toEqual([[], 1_000, 0]);
  world.advance(0);
  expect(ran).toEqual(['first', 'second']);
  world.advance(49);
  expect(ran.at(-1)).toBe('world');
  world.advance(1);
  expect(ran.at(-1)).toBe('in time');
});

test('a timer can be cancelled after a leap', () => {
  const { world, node } = clocks();
  const timer = node.setTimeout(() => expect.unreachable(), 10);
  node.leap(20);
  node.clearTimeout(timer);
  world.advance(100);
  expect([node.pending, world.pending]).toEqual([0, 0]);
});
