import { describe, expect, test } from 'vitest';
import { statePath } from '../../../../src/actors/state-path.ts';
import { END_STATES } from '../../../../src/explain/end-states.ts';
import { MACHINES } from '../../../../src/inspect/page/chart/charts.ts';
import {
  eventWords,
  isBad,
  serverPhase,
  shortMachine,
  shortState,
  stateWords,
  toneOf,
  whose,
} from '../../../../src/inspect/page/model/state-words.ts';
import { dialSchedulerMachine } from '../../../../src/machines/dialing/dial-scheduler.ts';

const machineOf = (state: string) =>
  state.startsWith('ending.') ? 'peer' : state.includes('.') ? 'connection-setup' : 'dial-task';

test('every ending says whether we rejected, they refused or it failed', () => {
  expect(END_STATES.filter((state) => whose(machineOf(state), state) === '')).toEqual([]);
});

test('every ending is marked bad unless it is listed as calm', () => {
  expect(END_STATES.filter((state) => !isBad(machineOf(state), state)).sort()).toEqual([
    'alreadyConnected',
    'cancelled',
    'ending.refused.clientQuitting',
    'ending.refused.requested',
    'ending.rejected.churned',
    'ending.rejected.clientQuitting',
    'ending.rejected.requested',
    'failed.aborted',
    'failed.replaced',
    'rejected.serverStopped',
  ]);
});

test.for<[machine: string, state: string, tone: string]>([
  ['dial-task', 'connecting', 'dial'],
  ['dial-task', 'connectionRefused', 'bad'],
  ['dial-task', 'done', 'over'],
  ['connection-setup', 'encHandshake.awaitingAck', 'handshake'],
  ['connection-setup', 'protoHandshake', 'hello'],
  ['peer', 'running.resting', 'peer'],
  ['peer', 'awaitingProtocols', 'leaving'],
  ['peer', 'closed', 'over'],
  ['server', 'whatever', 'over'],
])('%s in %s is %s', ([machine, state, tone]) => {
  expect(toneOf(machine, state)).toBe(tone);
});

test('running and admitted states are not endings', () => {
  expect(whose('dial-task', 'connecting')).toBe('');
  expect(whose('connection-setup', 'admitted')).toBe('');
});

test('a short state has the innermost name as in the chart, and plain words for parallel regions', () => {
  expect(shortState('encHandshake.awaitingAck')).toBe('awaitingAck');
  expect(shortState('closed')).toBe('closed');
  expect(shortState('scheduling.slots.hungry+scheduling.fallback.noPeers')).toBe(
    'free slots · no peers',
  );
});

test('the server has the short name of its phase, not of its parts', () => {
  const running = statePath({
    active: { phase: 'running', localNode: 'live', listener: 'live', dialScheduler: 'live' },
  });
  expect([shortState(running), stateWords(running)]).toEqual(['running', 'running']);
  const starting = statePath({ active: { phase: { starting: 'listening' }, listener: 'absent' } });
  expect(shortState(starting)).toBe('listening');
});

test('every state of every region of the dial scheduler has words', () => {
  const { scheduling } = dialSchedulerMachine.states;
  const leaves = Object.values(scheduling?.states ?? {}).flatMap((region) =>
    Object.keys(region.states).map((leaf) => `scheduling.${region.key}.${leaf}`),
  );
  expect(leaves.length).toBeGreaterThan(9);
  for (const leaf of leaves) {
    const name = leaf.split('.').at(-1)!;
    expect(stateWords(leaf).toLowerCase(), leaf).not.toBe(name.toLowerCase());
  }
});

test.for([
  ['slots.hungry+fallback.hasPeers+candidates.exhausted', 'free slots · has peers · no candidates'],
  ['slots.saturated+staticNodes.heldBack', 'no free slots · static nodes wait for a place'],
  ['stopping.portMapping', 'port mapping'],
  ['', ''],
])('%s is shown as %s', ([state, words]) => {
  expect(stateWords(state!)).toBe(words);
});

test('the phase of the server is found among its regions', () => {
  const state = statePath({ active: { phase: { starting: 'listening' }, listener: 'live' } });
  expect(serverPhase(state)).toBe('starting.listening');
  expect(serverPhase('idle')).toBe('idle');
});

test('no two machines have the same short name', () => {
  expect(new Set(MACHINES.map(shortMachine)).size).toBe(MACHINES.length);
});

describe('events are printed as in the charts', () => {
  test.for([
    ['xstate.init', 'started'],
    ['xstate.stop', 'stopped'],
    ['always', 'at once'],
    ['xstate.after.helloTimeout.connection-setup.protoHandshake', 'after helloTimeout'],
    ['after helloTimeout', 'after helloTimeout'],
    ['xstate.done.actor.resolver', 'resolver is done'],
    ['xstate.error.actor.link', 'link fails'],
    ['error link', 'link fails'],
    ['xstate.done.actor.*', 'an actor is done'],
    ['xstate.error.actor.*', 'an actor fails'],
    ['xstate.done.state.server.stopping', 'stopping is done'],
    ['done stopping', 'stopping is done'],
    ['link.closed', 'link.closed'],
    ['afterwards', 'afterwards'],
  ])('%s: %s', ([event, words]) => {
    expect(eventWords(event!)).toBe(words);
  });
});
