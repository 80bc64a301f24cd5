import { describe, expect, test } from 'vitest';

import type { Direction } from '../../../src/machines/connection/connection.ts';
import {
  blockOf,
  checkCandidate,
  checkDial,
  type DialDirection,
  type DialFacts,
  type DialRules,
  type DialSkipReason,
  slotsOf,
} from '../../../src/machines/dialing/dial-check.ts';
import { dialRules, target } from '../../support/dial-input.ts';

type Known = {
  readonly dialing?: readonly (readonly [string, DialDirection])[];
  readonly recent?: readonly string[];
  readonly backingOff?: readonly string[];
  readonly peers?: readonly (readonly [string, Direction])[];
  readonly pending?: readonly string[];
};

const facts = ({
  dialing = [],
  recent = [],
  backingOff = [],
  peers = [],
  pending = [],
}: Known): DialFacts => ({
  dialing: new Map(dialing),
  recent: new Set(recent),
  backingOff: new Map(backingOff.map((id) => [id, { because: 'connectTimeout', ms: 300_000 }])),
  peers: new Map(peers),
  pendingInbound: new Map(pending.map((id) => [id, 1])),
});

const outside = { isInNetRestrict: () => false };
const named = { ...target('a'), host: 'node.example', hostKind: 'name' } as const;
const nowhere = { ...target('a'), host: '', hostKind: 'none', tcpPort: 0 } as const;

describe('which nodes may be dialled, in the order of go-ethereum', () => {
  const all: Required<Known> = {
    dialing: [['a', 'static']],
    recent: ['a'],
    backingOff: ['a'],
    peers: [['a', 'inbound']],
    pending: ['a'],
  };
  const portless = { ...target('a'), tcpPort: 0 };
  const cases: [string, Known, Partial<DialRules>, DialSkipReason | null, object?][] = [
    ['a node that is not dialled yet', {}, {}, null],
    ['not ourselves, whatever else is known', all, { self: 'a', ...outside }, 'self', portless],
    ['not without a port', all, outside, 'noTcpPort', portless],
    ['not a node a dial runs to', all, outside, 'alreadyDialing'],
    ['not a peer', { ...all, dialing: [] }, outside, 'alreadyConnected'],
    ['not a node that calls us', { ...all, dialing: [], peers: [] }, outside, 'pendingInbound'],
    ['not outside of NetRestrict', { recent: ['a'] }, outside, 'notInNetRestrict'],
    ['not a node dialled a moment ago', { recent: ['a'], backingOff: ['a'] }, {}, 'recentlyDialed'],
    ['not a node whose last end says to wait', { backingOff: ['a'] }, {}, 'backingOff'],
    ['quirk 12: a name, which is resolved before it is checked', {}, outside, null, named],
    ['not a name without a port', {}, {}, 'noTcpPort', { ...named, tcpPort: 0 }],
    ['quirk 12: a node without an address, and so without a port', {}, outside, null, nowhere],
    ['others do not matter', all, {}, null, target('b')],
  ];
  for (const [sentence, known, rules, refusal, who] of cases)
    test(sentence, () => {
      const node = (who ?? target('a')) as ReturnType<typeof target>;
      expect(checkDial(node, facts(known), dialRules(rules))).toBe(refusal);
    });

  test('NetRestrict is asked of the address', () => {
    const asked: string[] = [];
    const isInNetRestrict = (host: string) => asked.push(host) > 0;
    checkDial(target('a'), facts({}), dialRules({ isInNetRestrict }));
    checkDial(named, facts({}), dialRules({ isInNetRestrict }));
    expect(asked).toEqual(['192.0.2.1']);
  });
});

describe('R10: which candidates may be dialled', () => {
  const far = { isCandidateHost: () => false };
  test('none at a forbidden address', () => {
    expect(checkCandidate(target('a'), facts({}), dialRules(far))).toBe('notCandidateHost');
    expect(checkCandidate(target('a'), facts({}), dialRules())).toBeNull();
  });

  test('the checks for all nodes come first', () => {
    expect(checkCandidate(target('a'), facts({ recent: ['a'] }), dialRules(far))).toBe(
      'recentlyDialed',
    );
  });
});

test('what blocks a node does not depend on dials and peers', () => {
  expect(blockOf(target('us'), dialRules(outside))).toBe('self');
  expect(blockOf({ ...target('a'), tcpPort: 0 }, dialRules(outside))).toBe('noTcpPort');
  expect(blockOf(target('a'), dialRules(outside))).toBe('notInNetRestrict');
  expect([blockOf(named, dialRules(outside)), blockOf(nowhere, dialRules(outside))]).toEqual([
    null,
    null,
  ]);
});

describe('slots', () => {
  const twoDialed: Known['peers'] = [
    ['a', 'static'],
    ['b', 'dynamic'],
  ];
  const four = [1, 2, 3, 4].map((n) => [`${n}`, 'static'] as const);
  const wide = { maxActive: 50 };
  const exempt = { isStaticExempt: true };
  const cases: [string, Known, Partial<DialRules>, forStatic: number, forDynamic: number][] = [
    ['at most so many dials at once', {}, { maxActive: 3 }, 3, 3],
    [
      'quirk 20: two for each free place, so that dialled peers may be twice as many',
      {},
      wide,
      4,
      4,
    ],
    ['the default of go-ethereum: 16 places', {}, { maxDialed: 16, maxActive: 50 }, 32, 32],
    ['a running dial takes one', { dialing: [['a', 'static']] }, { maxActive: 3 }, 2, 2],
    ['and one of the share as well', { dialing: [['a', 'dynamic']] }, wide, 3, 3],
    ['a peer we dialled takes two', { peers: [['a', 'static']] }, wide, 2, 2],
    ['of either kind', { peers: [['a', 'dynamic']] }, wide, 2, 2],
    ['an inbound peer takes none', { peers: [['a', 'inbound']] }, wide, 4, 4],
    ['none are left when every place is taken', { peers: twoDialed }, {}, 0, 0],
    ['a server that never dials has none', {}, { maxDialed: 0 }, 0, 0],
    ['fewer than none, when limits were passed', { dialing: four }, { maxActive: 3 }, -1, -1],
    [
      'exempt statics take nothing of the share',
      { peers: twoDialed },
      { ...wide, ...exempt },
      50,
      2,
    ],
    ['nor do their dials', { dialing: four }, { ...wide, ...exempt }, 46, 4],
    ['but both kinds share the dials at once', { dialing: four }, exempt, 0, 0],
    ['exempt statics are dialled where no other node is', {}, { maxDialed: 0, ...exempt }, 4, 0],
  ];
  for (const [sentence, known, rules, forStatic, forDynamic] of cases)
    test(sentence, () => {
      expect(slotsOf(facts(known), dialRules(rules))).toEqual({
        static: forStatic,
        dynamic: forDynamic,
      });
    });
});
