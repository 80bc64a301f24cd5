import { describe, expect, test } from 'vitest';

import { END_STATES, reasonTextOf } from '../../src/explain/end-states.ts';
import { duringOf, explain, type Outcome } from '../../src/explain/explain.ts';
import { DIAL_FAILURES, type DialFailure } from '../../src/machines/dialing/dial-failures.ts';
import { NASTY, somePeer, TAMED } from '../cli/some-reports.ts';
import { NO_EFFORT } from '../support/explained.ts';

const dialOf = (state: DialFailure, detail = ''): Outcome => ({
  type: 'dialFailed',
  target: { id: 'ab', publicKey: '', host: '192.0.2.1', hostKind: 'ipv4', tcpPort: 1 },
  address: { host: '192.0.2.1', port: 1 },
  state,
  detail,
});

type EndedOutcome = Extract<Outcome, { type: 'ended' }>;
const endedIn = (state: string, rest: Partial<EndedOutcome> = {}): EndedOutcome => ({
  type: 'ended',
  connectionId: '1',
  outcome: 'failed',
  direction: 'static',
  remote: { host: '192.0.2.1', port: 1 },
  state,
  facts: {},
  identity: {},
  trail: ['a state of no rule', state],
  trailMs: [0, 0],
  ...NO_EFFORT,
  ...rest,
});

type DropOutcome = Extract<Outcome, { type: 'drop' }>;
const dropIn = (state: string, rest: Partial<DropOutcome> = {}): DropOutcome => ({
  type: 'drop',
  peer: somePeer,
  connectionId: '1',
  outcome: 'refused',
  state,
  facts: {},
  abandoned: [],
  ...NO_EFFORT,
  ms: 60_000,
  ...rest,
});

const outcomeIn = (state: string): Outcome => {
  if (Object.hasOwn(DIAL_FAILURES, state)) return dialOf(state as DialFailure);
  return state.startsWith('ending.') ? dropIn(state) : endedIn(state);
};

describe('every end state', () => {
  test.for(END_STATES)('%s has a verdict, a remedy, a confidence and evidence', (state) => {
    const { verdict, remedy, confidence, evidence } = explain(outcomeIn(state));
    for (const sentence of [verdict, remedy]) expect(sentence).toMatch(/^[A-Z].*[.?]$/s);
    expect(['certain', 'likely', 'possible', 'unknown']).toContain(confidence);
    expect(evidence.length).toBeGreaterThan(0);
    expect(evidence.join('\n')).toContain(state);
  });

  test('has the sentence and remedy of its chart when no rule applies', () => {
    const state = 'refused.tooManyPeers';
    expect(explain(endedIn(state))).toMatchObject({
      verdict: reasonTextOf(state)?.sentence,
      remedy: reasonTextOf(state)?.remedy,
      confidence: 'certain',
    });
  });

  test.for([
    'connectFailed',
    'refused.requested',
    'refused.unrecognised',
    'failed.connectionClosed',
    'failed.connectionBroken',
    'ending.refused.requested',
    'ending.refused.unrecognised',
    'ending.failed.connectionBroken',
  ])('%s stays unknown when nothing points anywhere', (state) => {
    expect(explain(outcomeIn(state)).confidence).toBe('unknown');
  });
});

test('an unknown state has confidence unknown, and evidence', () => {
  const { confidence, evidence } = explain(endedIn('refused.constructor'));
  expect(confidence).toBe('unknown');
  expect(evidence[0]).toBe('we dialled: a state of no rule → refused.constructor');
});

describe('evidence', () => {
  test('of a dial is its state and the error of the system', () => {
    expect(explain(dialOf('connectFailed', 'EMFILE')).evidence).toEqual([
      'the dial ended in connectFailed',
      'detail: EMFILE',
    ]);
  });

  test('of a connection is its direction, states, time, bytes, their Hello and the facts', () => {
    const { client, capabilities, publicKey } = somePeer;
    const outcome = endedIn('rejected.uselessPeer', {
      direction: 'inbound',
      trail: ['protoHandshake', 'addPeerCheckpoint.asking', 'rejected.uselessPeer'],
      trailMs: [2, 30, 37],
      ms: 37,
      bytesIn: 500,
      bytesOut: 600,
      identity: { hello: { version: 5, listenPort: 0, client, capabilities, publicKey } },
      facts: { ours: 'eth/1', theirs: 'eth/68 eth/69' },
    });
    expect(explain(outcome).evidence).toEqual([
      'they dialled us: addPeerCheckpoint.asking → rejected.uselessPeer',
      '7 ms in addPeerCheckpoint.asking, 37 ms in all, 500 bytes in, 600 out',
      'their client: Geth/v1.15.0',
      'they offer: eth/68 eth/69',
      'ours: eth/1',
      'theirs: eth/68 eth/69',
    ]);
  });

  test('of a peer is its duration and the shared protocols', () => {
    const outcome = dropIn('ending.refused.requested', { ms: 5, bytesIn: 1, bytesOut: 2 });
    expect(explain({ ...outcome, facts: { code: 0 } }).evidence).toEqual([
      'we dialled: peer → ending.refused.requested',
      'as a peer 5 ms in all, 1 bytes in, 2 out',
      'their client: Geth/v1.15.0',
      'they offer: eth/68 eth/69',
      'shared: eth/69',
      'code: 0',
    ]);
    expect(explain({ ...outcome, peer: { ...somePeer, protocols: [] } }).evidence).toContain(
      'shared: nothing',
    );
  });

  test('contains text of remotes escaped and shortened, and nothing else does', () => {
    const loud = `${NASTY}${'y'.repeat(1_000)}`;
    const peer = { ...somePeer, client: loud, capabilities: [{ name: loud, version: 1 }] };
    const outcome = dropIn('ending.refused.requested', { peer, facts: { error: loud } });
    const { verdict, remedy, evidence } = explain(outcome);
    expect(verdict + remedy).not.toContain('yyy');
    expect(evidence.filter((line) => line.includes(TAMED))).toHaveLength(3);
    for (const line of evidence) expect(line.length).toBeLessThan(160);
    expect(JSON.stringify(evidence)).not.toMatch(/\\u001b|\u202e/);
  });
});

test.for([
  [['encHandshake.awaitingAck', 'closed'], 'encHandshake.awaitingAck'],
  [['protoHandshake', 'refused.tooManyPeers'], 'protoHandshake'],
  [['rejected.self'], 'encHandshake'],
  [[], 'encHandshake'],
] as const)('%j ended during %s', ([trail, during]) => {
  expect(duringOf(trail)).toBe(during);
});
