import { expect, test } from 'vitest';
import type { AnyActorRef, AnyMachineSnapshot } from 'xstate';

import { ChartNumbers } from '../../../src/inspect/recorder/chart-numbers.ts';
import { Dictionary } from '../../../src/inspect/recorder/dictionary.ts';
import { RecordedActor } from '../../../src/inspect/recorder/recorded-actor.ts';
import { StepRing } from '../../../src/inspect/recorder/step-ring.ts';
import { TransitionTable } from '../../../src/inspect/recorder/transition-table.ts';
import { peerMachine } from '../../../src/machines/peer/peer.ts';

function recorded() {
  const names = new Dictionary();
  const chart = new ChartNumbers(peerMachine, names, new TransitionTable(names));
  const observed = { number: 3, id: 'peer:1', machine: peerMachine, parent: null };
  const ref = null as unknown as AnyActorRef;
  return new RecordedActor({ ...observed, ref }, chart, 1, new StepRing(4, 4));
}

/** Counts how often its context is read. */
function peerOf(...protocols: string[]) {
  const reads: string[] = [];
  const context = {
    get runs() {
      reads.push('runs');
      return protocols.map((protocol) => ({ protocol }));
    },
  };
  return { reads, snapshot: { context } as unknown as AnyMachineSnapshot };
}

test('a row is made when it is asked for, and only of a context that has changed', () => {
  const actor = recorded();
  const { reads, snapshot } = peerOf('eth/69');
  actor.move(1, 2, 5, snapshot);
  actor.move(2, 3, 5, { ...snapshot });
  expect(reads).toEqual([]);
  expect(actor.rowSince(0)).toEqual({ protocols: ['eth/69'] });
  actor.move(5, 4, 5, snapshot);
  expect(actor.rowSince(0)).toEqual({ protocols: ['eth/69'] });
  expect(actor.rowSince(1)).toBeNull();
  expect(reads).toEqual(['runs']);
});

test('a row that reads the same is no change', () => {
  const actor = recorded();
  actor.move(1, 2, 5, peerOf('eth/69').snapshot);
  expect(actor.rowSince(0)).not.toBeNull();
  actor.move(3, 2, 5, peerOf('eth/69').snapshot);
  expect(actor.rowSince(2)).toBeNull();
  actor.move(5, 2, 5, peerOf('eth/69', 'snap/1').snapshot);
  for (const _ of ['once', 'again'])
    expect(actor.rowSince(4)).toEqual({ protocols: ['eth/69', 'snap/1'] });
  expect(actor.rowSince(5)).toBeNull();
});

test('at its end the last row is kept, and the context is not', () => {
  const actor = recorded();
  const { reads, snapshot } = peerOf('eth/69');
  actor.move(1, 2, 5, snapshot);
  actor.end(2, 9, 'done');
  expect(reads).toEqual(['runs']);
  expect(actor.entry()).toEqual([
    ...[3, actor.chart.name, 'peer:1', -1, 1, 5, 2, 0, 'done'],
    { protocols: ['eth/69'] },
  ]);
  expect(reads).toEqual(['runs']);
  expect([actor.endSince(1), actor.endSince(2)]).toEqual([[3, 9, 'done'], null]);
});

test('it has moved since every change before its last step', () => {
  const actor = recorded();
  actor.move(4, 2, 5, peerOf().snapshot);
  expect(actor.movedSince(3)).toEqual([3, 5, 2, 0]);
  expect(actor.movedSince(4)).toBeNull();
});
