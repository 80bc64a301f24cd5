import { describe, expect, test } from 'vitest';

import {
  type AdmissionSituation,
  judgePeer,
  judgeRoom,
} from '../../../src/machines/connection/admission.ts';
import type {
  Candidate,
  Direction,
  PeerEntry,
  PeerSet,
} from '../../../src/machines/connection/connection.ts';

const eth = { name: 'eth', version: 68 };

/** A set of untrusted peers, so many from each side. */
function peerSet(inbound: number, dialed: number): PeerSet {
  const entries = [
    ...Array.from({ length: inbound }, (_, index) => entry(`in${index}`, 'inbound')),
    ...Array.from({ length: dialed }, (_, index) => entry(`out${index}`, 'dynamic')),
  ];
  return new Map(entries.map((peer) => [peer.id, peer]));
}

const entry = (id: string, direction: Direction, trusted = false): PeerEntry => ({
  connectionId: `of ${id}`,
  id,
  direction,
  trusted,
  subnet: null,
});

const candidate = (id: string, direction: Direction = 'inbound'): Candidate => ({
  connectionId: '9',
  direction,
  id,
  subnet: null,
});

/** At most three peers, two of them inbound. */
const situation = (
  peers: PeerSet,
  overrides: Partial<AdmissionSituation['rules']> = {},
): AdmissionSituation => ({
  rules: {
    self: 'us',
    maxPeers: 3,
    maxInbound: 2,
    maxPerSubnet: 3,
    isStaticExempt: false,
    capabilities: [eth],
    ...overrides,
  },
  peers,
  pending: new Map(),
  trusted: new Set(['friend']),
});

describe('static nodes that are exempt', () => {
  const exempt = situation(peerSet(2, 1), { isStaticExempt: true });
  test('are admitted however many peers there are, when we dialled them', () => {
    expect(judgeRoom(candidate('a', 'static'), exempt)).toEqual({ type: 'accept' });
  });

  test('other nodes and inbound connections are not exempt', () => {
    for (const direction of ['dynamic', 'inbound'] as const)
      expect(judgeRoom(candidate('a', direction), exempt).type).toBe('reject.tooManyPeers');
  });

  test('are admitted once', () => {
    expect(judgeRoom(candidate('in0', 'static'), exempt).type).toBe('reject.alreadyConnected');
    expect(judgeRoom(candidate('us', 'static'), exempt).type).toBe('reject.self');
  });
});

describe('room', () => {
  const full = peerSet(1, 2);
  const inboundFull = peerSet(2, 0);
  const withFriend = new Map([...full, ['friend', entry('friend', 'inbound', true)]]);
  const cases: [sentence: string, peers: PeerSet, who: Candidate, verdict: string][] = [
    ['a stranger is welcome while there is room', peerSet(0, 0), candidate('a'), 'accept'],
    ['the last slot is taken', peerSet(0, 2), candidate('a'), 'accept'],
    ['a full server has no room for a stranger', full, candidate('a'), 'reject.tooManyPeers'],
    ['nor for a dial of ours', full, candidate('a', 'static'), 'reject.tooManyPeers'],
    ['nor for a node it knows: room comes first', full, candidate('in0'), 'reject.tooManyPeers'],
    ['nor for itself', full, candidate('us'), 'reject.tooManyPeers'],
    ['the inbound share has its own limit', inboundFull, candidate('a'), 'reject.tooManyPeers'],
    ['which answers known nodes too', inboundFull, candidate('in0'), 'reject.tooManyPeers'],
    ['and does not touch dials', inboundFull, candidate('a', 'dynamic'), 'accept'],
    ['of either kind', inboundFull, candidate('a', 'static'), 'accept'],
    ['a trusted node gets in over the limit', full, candidate('friend'), 'accept'],
    ['and over the inbound limit', inboundFull, candidate('friend'), 'accept'],
    ['but not twice', withFriend, candidate('friend'), 'reject.alreadyConnected'],
    [
      'a trusted peer takes room from others',
      new Map([...peerSet(1, 1), ['friend', entry('friend', 'static', true)]]),
      candidate('a', 'static'),
      'reject.tooManyPeers',
    ],
    [
      'and inbound room, if it came that way',
      new Map([...peerSet(1, 0), ['friend', entry('friend', 'inbound', true)]]),
      candidate('a'),
      'reject.tooManyPeers',
    ],
    ['a node is a peer once', peerSet(1, 0), candidate('in0'), 'reject.alreadyConnected'],
    ['whichever way', peerSet(0, 1), candidate('out0', 'static'), 'reject.alreadyConnected'],
    ['we are no peer of our own', peerSet(0, 0), candidate('us', 'dynamic'), 'reject.self'],
    [
      'known comes before ourselves',
      new Map([['us', entry('us', 'static')]]),
      candidate('us', 'static'),
      'reject.alreadyConnected',
    ],
  ];
  for (const [sentence, peers, who, verdict] of cases)
    test(sentence, () => {
      expect(judgeRoom(who, situation(peers)).type).toBe(verdict);
      expect(judgePeer(who, [eth], situation(peers)).type).toBe(verdict);
    });

  test('a rejection has the number of peers and the limit', () => {
    expect(judgeRoom(candidate('a'), situation(full))).toEqual({
      type: 'reject.tooManyPeers',
      facts: { peers: 3, limit: 3 },
    });
    expect(judgeRoom(candidate('a'), situation(inboundFull))).toEqual({
      type: 'reject.tooManyPeers',
      facts: { inbound: 2, limit: 2 },
    });
  });

  test('a rejection names the other connection', () => {
    expect(judgeRoom(candidate('in0'), situation(peerSet(1, 0)))).toEqual({
      type: 'reject.alreadyConnected',
      facts: { connection: 'of in0' },
    });
  });
});

describe('usefulness', () => {
  const noPeers = peerSet(0, 0);
  const full = peerSet(1, 2);
  const cases: [sentence: string, theirs: (typeof eth)[], peers: PeerSet, verdict: string][] = [
    ['one shared pair is enough', [{ name: 'les', version: 4 }, eth], noPeers, 'accept'],
    ['a shared name is not', [{ name: 'eth', version: 69 }], noPeers, 'reject.uselessPeer'],
    ['a shared version is not', [{ name: 'les', version: 68 }], noPeers, 'reject.uselessPeer'],
    ['nothing is not', [], noPeers, 'reject.uselessPeer'],
    ['it is asked before room', [], full, 'reject.uselessPeer'],
    ['room is asked again after it', [eth], full, 'reject.tooManyPeers'],
  ];
  for (const [sentence, theirs, peers, verdict] of cases)
    test(sentence, () => {
      expect(judgePeer(candidate('a'), theirs, situation(peers)).type).toBe(verdict);
    });

  test('trust does not make a peer useful', () => {
    expect(judgePeer(candidate('friend'), [], situation(noPeers)).type).toBe('reject.uselessPeer');
  });

  test('a server without protocols finds every peer useful', () => {
    const bare = situation(noPeers, { capabilities: [] });
    expect(judgePeer(candidate('a'), [], bare).type).toBe('accept');
    expect(judgePeer(candidate('a'), [eth], bare).type).toBe('accept');
  });

  test('a rejection lists what both sides offer', () => {
    const theirs = [
      { name: 'les', version: 4 },
      { name: 'bzz', version: 1 },
    ];
    expect(judgePeer(candidate('a'), theirs, situation(noPeers))).toEqual({
      type: 'reject.uselessPeer',
      facts: { ours: 'eth/68', theirs: 'les/4 bzz/1' },
    });
    expect(judgePeer(candidate('a'), [], situation(noPeers))).toMatchObject({
      facts: { theirs: 'none' },
    });
  });
});

describe('how many untrusted peers are admitted, by the limits go-ethereum derives', () => {
  const rows: [maxPeers: number, maxInbound: number][] = [
    [0, 0],
    [1, 0],
    [2, 1],
    [10, 7],
    [10, 0],
    [10, 5],
    [25, 17],
    [50, 34],
    [50, 49],
    [10, 10],
  ];
  for (const [maxPeers, maxInbound] of rows)
    test(`${maxPeers} peers, ${maxInbound} of them inbound`, () => {
      const admitted = (direction: Direction, peers: PeerSet): PeerSet => {
        const id = `${direction} ${peers.size}`;
        const now = situation(peers, { maxPeers, maxInbound });
        if (judgeRoom(candidate(id, direction), now).type !== 'accept') return peers;
        return admitted(direction, new Map(peers).set(id, entry(id, direction)));
      };
      const inbound = admitted('inbound', peerSet(0, 0));
      expect(inbound.size).toBe(maxInbound);
      expect(admitted('dynamic', inbound).size).toBe(maxPeers);
    });
});

describe('subnets', () => {
  const here = '198.51.100.0/24';
  const from = (
    subnet: string | null,
    id: string,
    direction: Direction = 'inbound',
  ): Candidate => ({
    ...candidate(id, direction),
    subnet,
  });
  const crowd = (count: number, subnet: string | null): PeerSet =>
    new Map(
      Array.from({ length: count }, (_, index) => {
        const peer = { ...entry(`p${index}`, index === 0 ? 'static' : 'dynamic'), subnet };
        return [peer.id, peer];
      }),
    );
  const verdict = (peers: PeerSet, who: Candidate) =>
    judgeRoom(who, situation(peers, { maxPeers: 50, maxInbound: 34 }));

  test('have room for so many', () => {
    expect(verdict(crowd(2, here), from(here, 'a'))).toEqual({ type: 'accept' });
    expect(verdict(crowd(3, here), from(here, 'a'))).toEqual({
      type: 'reject.crowdedSubnet',
      facts: { subnet: here, peers: 3, limit: 3 },
    });
    expect(verdict(crowd(3, here), from(here, 'a', 'dynamic')).type).toBe('reject.crowdedSubnet');
  });
  test('do not count against each other', () => {
    expect(verdict(crowd(3, here), from('203.0.113.0/24', 'a')).type).toBe('accept');
  });
  test('do not matter in the LAN', () => {
    expect(verdict(crowd(9, null), from(null, 'a')).type).toBe('accept');
  });
  test('do not matter for static nodes', () => {
    expect(verdict(crowd(3, here), from(here, 'a', 'static')).type).toBe('accept');
    expect(verdict(crowd(3, here), from(here, 'friend')).type).toBe('accept');
  });
});
