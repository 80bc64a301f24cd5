import { expect, test } from 'vitest';
import { createActor, createMachine, type EventObject } from 'xstate';

import { memoryResolver } from '../../../src/testing/world/memory-resolver.ts';
import { VirtualClock } from '../../../src/testing/world/virtual-clock.ts';

/** @returns The events of the resolver. */
function resolving(name: string, run: (clock: VirtualClock, stop: () => void) => void) {
  const clock = new VirtualClock();
  const heard: EventObject[] = [];
  const resolver = memoryResolver(clock, new Map([['b.example', '45.0.2.1']]));
  const machine = createMachine({
    invoke: { src: resolver, input: name },
    on: { '*': { actions: ({ event }) => heard.push(event) } },
  });
  const actor = createActor(machine);
  actor.start();
  run(clock, () => actor.stop());
  return { heard, clock };
}

test('only names in the map are found', () => {
  const known = resolving('b.example', (clock) => clock.advance(0));
  expect(known.heard).toEqual([{ type: 'host.found', address: '45.0.2.1' }]);
  const unknown = resolving('c.example', (clock) => clock.advance(0));
  expect(unknown.heard).toEqual([{ type: 'host.notFound', detail: 'ENOTFOUND c.example' }]);
});

test('a stopped lookup reports nothing', () => {
  const { heard, clock } = resolving('b.example', (clock, stop) => {
    stop();
    expect(clock.pending).toBe(0);
    clock.advance(0);
  });
  expect([heard, clock.pending]).toEqual([[], 0]);
});
