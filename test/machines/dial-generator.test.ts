import { describe, expect, test } from 'vitest';

import type { Direction } from '../../src/machines/connection.ts';
import {
  checkDial,
  type DialBook,
  type DialRefusal,
  type DialRules,
  freeSlots,
  nextDials,
} from '../../src/machines/dial-generator.ts';
import type { DialTarget } from '../../src/machines/dial-task.ts';

const rules: DialRules = { self: 'us', maxDialed: 2, maxActive: 3 };

const target = (id: string): DialTarget => ({
  id,
  publicKey: 'ab'.repeat(64),
  host: '192.0.2.1',
  hostKind: 'ipv4',
  tcpPort: 30303,
});

type Known = {
  readonly statics?: readonly string[];
  readonly dialing?: readonly string[];
  readonly recent?: readonly string[];
  readonly peers?: readonly (readonly [string, Direction])[];
};

const book = ({ statics = [], dialing = [], recent = [], peers = [] }: Known): DialBook => ({
  statics: new Map(statics.map((id) => [id, target(id)])),
  dialing: new Set(dialing),
  recent: new Set(recent),
  peers: new Map(peers),
});

describe('who may be dialled', () => {
  const inbound: [string, Direction][] = [['a', 'inbound']];
  const everything: Known = { dialing: ['a'], recent: ['a'], peers: inbound };
  const cases: [sentence: string, id: string, known: Known, refusal: DialRefusal | null][] = [
    ['a node nobody dialled', 'a', {}, null],
    ['not ourselves', 'us', {}, 'self'],
    ['not ourselves, whatever else is known', 'us', { dialing: ['us'], recent: ['us'] }, 'self'],
    ['not a node a dial runs to', 'a', everything, 'alreadyDialing'],
    ['not a peer', 'a', { recent: ['a'], peers: inbound }, 'alreadyConnected'],
    ['not a peer of our own dials', 'a', { peers: [['a', 'static']] }, 'alreadyConnected'],
    ['not a node dialled a moment ago', 'a', { recent: ['a'] }, 'recentlyDialed'],
    ['others do not matter', 'b', everything, null],
  ];
  for (const [sentence, id, known, refusal] of cases)
    test(sentence, () => expect(checkDial(id, book(known), rules)).toBe(refusal));
});

describe('slots', () => {
  const cases: [sentence: string, known: Known, rules: DialRules, slots: number][] = [
    ['at most so many dials at once', {}, rules, 3],
    ['two for each free place of a peer', {}, { ...rules, maxActive: 50 }, 4],
    ['the default of go-ethereum: 16 places', {}, { self: '', maxDialed: 16, maxActive: 50 }, 32],
    ['a running dial takes one', { dialing: ['a', 'b'] }, rules, 1],
    ['a peer we dialled takes two', { peers: [['a', 'static']] }, { ...rules, maxActive: 50 }, 2],
    ['of either kind', { peers: [['a', 'dynamic']] }, { ...rules, maxActive: 50 }, 2],
    ['an inbound peer takes none', { peers: [['a', 'inbound']] }, { ...rules, maxActive: 50 }, 4],
    [
      'none are left when every place is taken',
      {
        peers: [
          ['a', 'static'],
          ['b', 'dynamic'],
        ],
      },
      rules,
      0,
    ],
    ['a server that never dials has none', {}, { ...rules, maxDialed: 0 }, 0],
    ['fewer than none, when limits were passed', { dialing: ['a', 'b', 'c', 'd'] }, rules, -1],
  ];
  for (const [sentence, known, limits, slots] of cases)
    test(sentence, () => expect(freeSlots(book(known), limits)).toBe(slots));
});

describe('whom to dial now', () => {
  const cases: [sentence: string, known: Known, ids: string[]][] = [
    ['nobody, when nobody is known', {}, []],
    ['every static node, in the order they were added', { statics: ['b', 'a'] }, ['b', 'a']],
    ['as many as there are slots', { statics: ['a', 'b', 'c', 'd', 'e'] }, ['a', 'b', 'c']],
    [
      'the next ones, when the first are not due',
      { statics: ['a', 'b', 'c', 'd'], recent: ['a'], dialing: ['b'] },
      ['c', 'd'],
    ],
    ['nobody, when all are connected', { statics: ['a'], peers: [['a', 'inbound']] }, []],
    ['never ourselves', { statics: ['us', 'a'] }, ['a']],
    [
      'nobody, when there are fewer slots than none',
      { statics: ['e'], dialing: ['a', 'b', 'c', 'd'] },
      [],
    ],
  ];
  for (const [sentence, known, ids] of cases)
    test(sentence, () => {
      expect(nextDials(book(known), rules).map(({ id }) => id)).toEqual(ids);
    });

  test('at the address that was added', () => {
    const [dial] = nextDials(book({ statics: ['a'] }), rules);
    expect(dial).toEqual(target('a'));
  });
});
