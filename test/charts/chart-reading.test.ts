import { describe, expect, test } from 'vitest';

import { chartModel } from '../../src/charts/chart-model.ts';
import {
  computingActionsOf,
  destinationsOf,
  endingsOf,
  grouped,
  groupOf,
  isDelayGroup,
  isOutcome,
  outcomeGroups,
  raisedBy,
  stateAt,
} from '../../src/charts/chart-reading.ts';
import { connectionSetupMachine } from '../../src/machines/connection/connection-setup.ts';
import { dialTaskMachine } from '../../src/machines/dialing/dial-task.ts';
import { listenerMachine } from '../../src/machines/listening/listener.ts';
import { peerMachine } from '../../src/machines/peer/peer.ts';
import { sampleMachine } from './sample.ts';

const sample = chartModel(sampleMachine);
const setup = chartModel(connectionSetupMachine);

const named = (path: string, event: string) => {
  const found = stateAt(sample, path).transitions.find(
    ({ trigger }) => trigger.kind === 'event' && trigger.name === event,
  );
  return found!;
};

describe('reading a chart', () => {
  test('an outcome group has only states without transitions and actors', () => {
    const paths = (model: typeof setup) => outcomeGroups(model).map(({ path }) => path);
    expect(paths(setup)).toEqual(['rejected', 'refused', 'failed']);
    expect(paths(chartModel(peerMachine))).toEqual([
      'ending.rejected',
      'ending.refused',
      'ending.failed',
    ]);
    expect(paths(sample)).toEqual(['rejected']);
  });

  test('an outcome belongs to its group, a working state to none', () => {
    expect(groupOf(setup, stateAt(setup, 'rejected.self'))?.path).toBe('rejected');
    expect(groupOf(setup, stateAt(setup, 'encHandshake.awaitingAck'))).toBeNull();
  });

  test('a transition leads to its targets', () => {
    expect(destinationsOf(sample, named('', 'reject.late'))).toEqual([
      { path: 'rejected.late', via: null },
    ]);
  });

  test('a transition that raises an event leads where that event leads', () => {
    const timeout = stateAt(setup, 'protoHandshake').transitions.find(
      ({ trigger }) => trigger.kind === 'after',
    );
    expect(destinationsOf(setup, timeout!)).toEqual([
      { path: 'rejected.helloTimeout', via: 'reject.helloTimeout' },
    ]);
  });

  test('a raised event without a target leads nowhere', () => {
    expect(raisedBy(named('', 'halt'))).toEqual(['stop']);
    expect(destinationsOf(sample, named('', 'halt'))).toEqual([]);
  });

  test('a computed event has no destination', () => {
    expect(computingActionsOf(named('', 'stop')).map(({ name }) => name)).toEqual(['decide']);
    expect(destinationsOf(sample, named('', 'stop'))).toEqual([]);
  });

  test('only top-level final states end the machine', () => {
    expect(endingsOf(sample).map(({ path }) => path)).toEqual(['over']);
  });

  test('an unknown path throws a RangeError', () => {
    expect(() => stateAt(sample, 'nowhere')).toThrow(RangeError);
  });

  test('grouping keeps the order of first appearance', () => {
    expect([...grouped([3, 1, 2, 5], (n) => n % 2)]).toEqual([
      [1, [3, 1, 5]],
      [0, [2]],
    ]);
  });
});

test('an outcome is in a group, or is a final state with a remedy', () => {
  const dial = chartModel(dialTaskMachine);
  const setUp = chartModel(connectionSetupMachine);
  expect(isOutcome(dial, stateAt(dial, 'unreachable'))).toBe(true);
  expect(isOutcome(dial, stateAt(dial, 'done'))).toBe(false);
  expect(isOutcome(setUp, stateAt(setUp, 'rejected.self'))).toBe(true);
  expect(isOutcome(setUp, stateAt(setUp, 'rejected'))).toBe(false);
});

test('the children of a delay group differ only in their delay', () => {
  const listener = chartModel(listenerMachine);
  const rooms = listener.states.filter((state) => isDelayGroup(listener, state));
  expect(rooms.map(({ path }) => path)).toEqual(['restarting']);
});
