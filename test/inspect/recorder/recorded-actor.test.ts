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
  const witnessed = { number: 3, id: 'peer:1', machine: peerMachine, parent: null };
  const ref = null as unknown as AnyActorRef;
  return new RecordedActor({ ...witnessed, ref }, chart, 1, new StepRing(4, 4));
}

/** Counts how often anybody reads it. */
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

test('a row is made when somebody looks, and only of a context that has changed', () => {
  const actor = recorded();
  const { reads, snapshot } = peerOf('eth/69');
  actor.move(1, 2, 5, snapshot);
  actor.move(2, 3, 5, { ...snapshot });
  expect(reads).toEqual([]);
  actor.look(3);
  actor.look(4);
  actor.move(5, 4, 5, snapshot);
  actor.look(6);
  expect(reads).toEqual(['runs']);
  expect(actor.rowSince(2)).toEqual({ protocols: ['eth/69'] });
  expect(actor.rowSince(3)).toBeNull();
});

test('a row that reads the same is no change', () => {
  const actor = recorded();
  actor.move(1, 2, 5, peerOf('eth/69').snapshot);
  actor.look(2);
  actor.move(3, 2, 5, peerOf('eth/69').snapshot);
  actor.look(4);
  expect(actor.rowSince(2)).toBeNull();
  actor.move(5, 2, 5, peerOf('eth/69', 'snap/1').snapshot);
  actor.look(6);
  expect(actor.rowSince(5)).toEqual({ protocols: ['eth/69', 'snap/1'] });
});

test('at its end the last row is kept, and the context is not', () => {
  const actor = recorded();
  const { reads, snapshot } = peerOf('eth/69');
  actor.move(1, 2, 5, snapshot);
  actor.end(2, 9, 'done');
  actor.look(3);
  expect(reads).toEqual(['runs']);
  expect(actor.entry()).toEqual([
    ...[3, actor.chart.name, 'peer:1', -1, 1, 5, 2, 0, 'done'],
    { protocols: ['eth/69'] },
  ]);
  expect([actor.over(), actor.ended]).toEqual([[3, 9, 'done'], 2]);
});

test('it has moved since whatever was before its last step', () => {
  const actor = recorded();
  actor.move(4, 2, 5, peerOf().snapshot);
  expect(actor.movedSince(3)).toEqual([3, 5, 2, 0]);
  expect(actor.movedSince(4)).toBeNull();
});
