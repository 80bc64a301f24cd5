import { describe, expect, test } from 'vitest';
import {
  type Diagnosis,
  type DiagnosisCase,
  diagnose,
  type NodeFacts,
  type StaticNodeFacts,
} from '../../src/explain/diagnosis.ts';

/** A node that runs, may dial, listens to the world and knows no node. */
const LONELY: NodeFacts = {
  state: 'running',
  startFailure: null,
  runningMs: 5_000,
  peers: 0,
  maxPeers: 50,
  offersNothing: false,
  pending: 0,
  listening: '0.0.0.0',
  isDialling: true,
  inboundCalls: 0,
  statics: [],
  bootnodes: 0,
  bootnodesExcluded: 0,
  hasCandidates: false,
  discovery: null,
  lastDial: null,
  recentEndings: [],
  turnedAwayFull: 0,
};

const last = (state: string, did: string, msAgo: number, why = '') => ({ state, did, why, msAgo });

const waiting = (
  msLeft: number,
  result: StaticNodeFacts['last'] = last('connectionRefused', 'refused', 12_000),
): StaticNodeFacts => ({ status: 'waiting', msLeft, last: result });

const WRONG_KEY = last(
  'failed.connectionClosed',
  'hung up on our auth',
  3_400,
  'the key in its enode is probably wrong',
);
const FULL = last('refused.tooManyPeers', 'refused us', 4_000, 'too many peers');
const EXCLUDED = last('notInNetRestrict', 'excluded by netRestrict', 60_000);

const NO_BOOTNODES = {
  tone: 'bad',
  sentence: 'Discovery has no node to ask: there are no bootnodes.',
  remedy: 'Give bootnodes.',
} as const;
const ASKING = {
  tone: 'waiting',
  sentence: 'Discovery asks its first nodes.',
  remedy: '',
} as const;
const WORKING = { tone: 'good', sentence: 'Discovery works.', remedy: '' } as const;

const CASES: readonly (readonly [
  what: string,
  facts: Partial<NodeFacts>,
  is: DiagnosisCase,
  tone: Diagnosis['tone'],
  sentence: string,
])[] = [
  [
    'nothing is configured',
    {},
    'nothingConfigured',
    'bad',
    '0 peers: nothing configured: no static nodes, bootnodes or candidates.',
  ],
  [
    'nothing is configured, and nothing came in a minute',
    { runningMs: 61_000 },
    'nothingConfigured',
    'bad',
    '0 peers: nothing configured: no static nodes, bootnodes or candidates; no inbound call yet: the port may be closed from outside.',
  ],
  [
    'nothing is configured, but it was called',
    { runningMs: 61_000, inboundCalls: 1 },
    'nothingConfigured',
    'bad',
    '0 peers: nothing configured: no static nodes, bootnodes or candidates.',
  ],
  [
    'nothing is configured, and it listens on loopback',
    { runningMs: 61_000, listening: '127.0.0.1' },
    'nothingConfigured',
    'bad',
    '0 peers: nothing configured: no static nodes, bootnodes or candidates; it listens on 127.0.0.1, where only this machine can call.',
  ],
  [
    'it neither dials nor listens',
    { isDialling: false, listening: null },
    'nothingConfigured',
    'bad',
    '0 peers: dialling is off; it does not listen either.',
  ],
  [
    'a static node is dead',
    { statics: [waiting(13_000)] },
    'staticNodes',
    'bad',
    '0 peers: 1 static node, refused 12 s ago, next try in 13 s.',
  ],
  [
    'a static node is dialled for the first time',
    { statics: [{ status: 'dialling', msLeft: null, last: null }], pending: 1 },
    'staticNodes',
    'waiting',
    '0 peers: 1 static node, being dialled now.',
  ],
  [
    'the key of a static node is wrong',
    { statics: [waiting(30_000, WRONG_KEY)] },
    'staticNodes',
    'bad',
    '0 peers: 1 static node, hung up on our auth 3 s ago: the key in its enode is probably wrong, next try in 30 s.',
  ],
  [
    'the key is wrong on every try',
    {
      statics: [waiting(30_000, WRONG_KEY)],
      recentEndings: Array(8).fill('failed.connectionClosed'),
    },
    'staticNodes',
    'bad',
    '0 peers: 1 static node, hung up on our auth 3 s ago: the key in its enode is probably wrong, next try in 30 s.',
  ],
  [
    'several static nodes are dead',
    {
      statics: [
        waiting(20_000),
        waiting(13_000),
        waiting(30_000, last('connectTimeout', 'no answer', 5_000)),
      ],
    },
    'staticNodes',
    'bad',
    '0 peers: 3 static nodes: 2 refused, 1 no answer; next try in 13 s.',
  ],
  [
    'the static node is full',
    { statics: [waiting(31_000, FULL)], recentEndings: ['refused.tooManyPeers'] },
    'staticNodes',
    'bad',
    '0 peers: 1 static node, refused us 4 s ago: too many peers, next try in 31 s.',
  ],
  [
    'all static nodes are full',
    { statics: [waiting(31_000, FULL), waiting(9_000, FULL)] },
    'othersFull',
    'waiting',
    '0 peers: all 2 static nodes are full; next try in 9 s.',
  ],
  [
    'all nodes that candidates named are full',
    { hasCandidates: true, recentEndings: ['refused.tooManyPeers', 'ending.refused.tooManyPeers'] },
    'othersFull',
    'waiting',
    '0 peers: all of the last 2 nodes we reached are full.',
  ],
  [
    'every connection ended as a useless peer',
    {
      statics: [waiting(20_000, last('rejected.uselessPeer', 'rejected by us', 1, 'useless peer'))],
      recentEndings: ['rejected.uselessPeer', 'refused.uselessPeer', 'ending.refused.uselessPeer'],
    },
    'uselessPeers',
    'bad',
    '0 peers: all of the last 3 connections ended as useless peers: no shared capability.',
  ],
  [
    'the only connection ended as a useless peer',
    { recentEndings: ['rejected.uselessPeer'] },
    'uselessPeers',
    'bad',
    '0 peers: the last connection ended as a useless peer: no shared capability.',
  ],
  [
    'every connection ended as a useless peer, and we offer nothing',
    { offersNothing: true, recentEndings: ['refused.uselessPeer', 'refused.uselessPeer'] },
    'uselessPeers',
    'bad',
    '0 peers: all of the last 2 connections ended as useless peers: we offer no protocol.',
  ],
  [
    'every call ended alike',
    { inboundCalls: 3, recentEndings: Array(3).fill('failed.undecryptable') },
    'allAlike',
    'bad',
    '0 peers: all of the last 3 connections ended for the same reason: undecryptable.',
  ],
  [
    'netRestrict excludes the static nodes and the bootnodes',
    {
      statics: [{ status: 'ready', msLeft: null, last: EXCLUDED }],
      bootnodes: 2,
      bootnodesExcluded: 2,
    },
    'netRestrict',
    'bad',
    '0 peers: netRestrict excludes every configured node (3 nodes).',
  ],
  [
    'netRestrict excludes one node of two',
    { statics: [{ status: 'ready', msLeft: null, last: EXCLUDED }, waiting(8_000)] },
    'staticNodes',
    'bad',
    '0 peers: 2 static nodes: 1 excluded by netRestrict, 1 refused; next try in 8 s.',
  ],
  [
    'bootnodes do not answer',
    { bootnodes: 4, lastDial: last('connectTimeout', 'no answer', 90_000) },
    'searching',
    'waiting',
    '0 peers: 4 bootnodes, the last dial got no answer 2 min ago.',
  ],
  [
    'candidates are read and none was dialled yet',
    { hasCandidates: true },
    'searching',
    'waiting',
    '0 peers: a source of candidates, not dialled yet.',
  ],
  [
    'discovery has no node to ask',
    { discovery: NO_BOOTNODES },
    'discovery',
    'bad',
    '0 peers: discovery has no node to ask: there are no bootnodes.',
  ],
  [
    'discovery asks its first nodes',
    { discovery: ASKING, bootnodes: 1 },
    'discovery',
    'waiting',
    '0 peers: discovery asks its first nodes.',
  ],
  [
    'discovery works and the nodes it finds are full',
    { discovery: WORKING, recentEndings: Array(4).fill('refused.tooManyPeers') },
    'othersFull',
    'waiting',
    '0 peers: all of the last 4 nodes we reached are full.',
  ],
  [
    'discovery works and none of its nodes was dialled yet',
    { discovery: WORKING, bootnodes: 2 },
    'searching',
    'waiting',
    '0 peers: 2 bootnodes and discovery, not dialled yet.',
  ],
  [
    'discovery finds nothing and there is a static node',
    { discovery: NO_BOOTNODES, statics: [waiting(13_000)] },
    'staticNodes',
    'bad',
    '0 peers: 1 static node, refused 12 s ago, next try in 13 s.',
  ],
  [
    'discovery finds nothing and dialling is off',
    { discovery: NO_BOOTNODES, isDialling: false },
    'nothingConfigured',
    'bad',
    '0 peers: dialling is off.',
  ],
  [
    'every place is taken and callers are turned away',
    { peers: 50, turnedAwayFull: 12 },
    'full',
    'good',
    'Full: 50 of 50 peers, 12 turned away in the last minute.',
  ],
  ['every place is taken', { peers: 50 }, 'full', 'good', 'Full: 50 of 50 peers.'],
  ['it has peers', { peers: 12 }, 'healthy', 'good', '12 peers of 50.'],
  ['it has one peer', { peers: 1 }, 'healthy', 'good', '1 peer of 50.'],
  [
    'it dialled all of its peers and was not called in ten minutes',
    { peers: 12, runningMs: 601_000 },
    'healthy',
    'good',
    '12 peers of 50; no inbound call yet: the port may be closed from outside.',
  ],
  [
    'no peer is allowed',
    { maxPeers: 0 },
    'noneAllowed',
    'bad',
    'No peers are allowed: maxPeers is 0.',
  ],
  [
    'the port is in use',
    {
      state: 'idle',
      startFailure: {
        step: 'listening',
        message: 'listen EADDRINUSE: address already in use 127.0.0.1:30303',
      },
    },
    'portInUse',
    'bad',
    'The port is in use: the start failed at 127.0.0.1:30303.',
  ],
  [
    'the start failed otherwise',
    { state: 'idle', startFailure: { step: 'localNode', message: 'no such key.' } },
    'startFailed',
    'bad',
    'The start failed at localNode: no such key.',
  ],
  ['it was not started', { state: 'idle' }, 'notRunning', 'waiting', 'Not started yet.'],
  [
    'it is starting after a failed start',
    { state: 'starting.listening', startFailure: { step: 'listening', message: 'x' } },
    'notRunning',
    'waiting',
    'The node is starting.',
  ],
];

describe('the diagnosis, when', () => {
  test.for(CASES)('%s', ([, facts, is, tone, sentence]) => {
    expect(diagnose({ ...LONELY, ...facts })).toMatchObject({ is, tone, sentence });
  });
});

test('every diagnosis that needs a person says what to do', () => {
  for (const [what, facts] of CASES) {
    const { tone, remedy } = diagnose({ ...LONELY, ...facts });
    if (tone === 'bad')
      expect([what, remedy]).toEqual([what, expect.stringMatching(/^[A-Z].*\.$/)]);
  }
});
