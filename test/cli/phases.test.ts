import { expect, test } from 'vitest';
import type { InspectionEvent } from 'xstate';

import { PHASES, Phases } from '../../src/cli/phases.ts';
import { StepClock } from '../support/step-clock.ts';

function setUp() {
  const clock = new StepClock();
  const phases = new Phases(clock);
  const rest = (id: string, value: unknown, type = '@xstate.snapshot'): unknown =>
    phases.inspect({ type, actorRef: { id }, snapshot: { value } } as unknown as InspectionEvent);
  /** In each of these for 10 ms. */
  const pass = (...states: readonly unknown[]): void => {
    for (const state of states) {
      rest('connection-setup:1', state);
      clock.advance(10);
    }
  };
  return { clock, phases, rest, pass };
}

const words = (phases: Phases, isKept: boolean) =>
  phases.report(isKept, 3_000).map(({ result, ms }) => (ms === null ? result : `${result} ${ms}`));

test('each phase is measured from its first state to the next one', () => {
  const { phases, rest, pass, clock } = setUp();
  rest('dial-task:ab', 'lookingUpHost');
  clock.advance(5);
  rest('dial-task:ab', 'connecting');
  clock.advance(7);
  pass({ encHandshake: 'sendingAuth' }, { encHandshake: 'awaitingAck' });
  pass('postHandshakeCheckpoint', 'protoHandshake', { addPeerCheckpoint: 'asking' });
  pass({ addPeerCheckpoint: 'held' }, 'admitted');
  expect(words(phases, true)).toEqual([
    ...['passed 5', 'passed 7', 'passed 10', 'passed 10', 'passed 20', 'passed 20'],
    ...['skipped', 'passed 3000'],
  ]);
  expect(words(phases, false).at(-1)).toBe('failed 3000');
});

test('the last phase fails at the ending, without the time of the Disconnect', () => {
  const { phases, rest, pass } = setUp();
  rest('dial-task:ab', 'connecting');
  pass({ encHandshake: 'awaitingAck' }, 'protoHandshake', { refused: 'self' }, 'closed');
  expect(words(phases, false)).toEqual([
    ...['skipped', 'passed 0', 'skipped', 'passed 10', 'failed 10'],
    ...['notReached', 'notReached', 'notReached'],
  ]);
  expect(phases.latest).toBe('hello');
});

test('a failed phase is measured until its failure', () => {
  const { phases, rest, pass, clock } = setUp();
  rest('dial-task:ab', 'connecting');
  pass({ encHandshake: 'awaitingAck' });
  rest('connection-setup:1', { failed: 'connectionClosed' });
  clock.advance(5); // until the phases are read
  expect(words(phases, false).slice(3)).toEqual([
    ...['failed 10', 'notReached', 'notReached', 'notReached', 'notReached'],
  ]);
});

test('a peer that speaks eth has to send its Status first', () => {
  const { phases, rest, pass, clock } = setUp();
  pass({ addPeerCheckpoint: 'asking' }, 'admitted');
  rest('eth-session:1', 'awaitingStatus');
  clock.advance(30);
  expect(phases.latest).toBe('status');
  expect(words(phases, false).slice(-2)).toEqual(['failed 30', 'notReached']);
  rest('eth-session:1', { active: 'unconfirmed' });
  expect(words(phases, true).slice(-2)).toEqual(['passed 30', 'passed 3000']);
});

test('the Status of a peer is awaited before its session of eth begins', () => {
  const { phases, rest, pass, clock } = setUp();
  pass('admitted');
  phases.enter('status');
  clock.advance(20);
  rest('eth-session:1', 'awaitingStatus');
  rest('eth-session:1', { rejected: 'wrongNetwork' });
  clock.advance(2_000);
  expect(words(phases, false).slice(-2)).toEqual(['failed 20', 'notReached']);
});

test('other actors are ignored', () => {
  const { phases, rest } = setUp();
  rest('server', 'connecting');
  rest('dial-task:ab', 'connecting', '@xstate.event');
  expect(phases.latest).toBeUndefined();
  expect(words(phases, false)).toEqual(PHASES.map(() => 'notReached'));
});
