import { describe, expect, test } from 'vitest';

import type { Direction } from '../../../src/machines/connection/connection.ts';
import {
  type ChurnSituation,
  churnable,
  MAX_CHURN_PAUSE_MS,
  MIN_CHURN_PAUSE_MS,
  YOUNG_PEER_MS,
} from '../../../src/machines/dialing/churn.ts';

const NONE: ReadonlySet<string> = new Set();

/** Places for two dialled and two inbound peers; all of them have stayed for long. */
const situation = (
  peers: readonly (readonly [string, Direction])[],
  rest: Partial<ChurnSituation> = {},
): ChurnSituation => ({
  facts: { peers: new Map(peers) },
  rules: { maxDialed: 2, maxInbound: 2 },
  settled: new Set(peers.map(([id]) => id)),
  statics: NONE,
  trusted: NONE,
  ...rest,
});

const FULL = [
  ['a', 'dynamic'],
  ['b', 'dynamic'],
  ['c', 'inbound'],
  ['d', 'inbound'],
] as const;

const idsOf = (given: ChurnSituation) => churnable(given).map(({ id }) => id);

describe('a peer that makes room', () => {
  test('is any one, when all places are taken', () => {
    expect(idsOf(situation(FULL))).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is of the kind whose places are taken', () => {
    expect(idsOf(situation(FULL.slice(1)))).toEqual(['c', 'd']);
    expect(idsOf(situation(FULL.slice(0, 3)))).toEqual(['a', 'b']);
  });

  test('is none while there is room', () => {
    expect(idsOf(situation(FULL.slice(1, 3)))).toEqual([]);
  });

  test('is never a static one, dialled by them or by us, nor a trusted one, nor one that came a moment ago', () => {
    expect(idsOf(situation([['a', 'static'], ...FULL.slice(1)]))).toEqual(['b', 'c', 'd']);
    expect(idsOf(situation(FULL, { statics: new Set(['c']) }))).toEqual(['a', 'b', 'd']);
    expect(idsOf(situation(FULL, { trusted: new Set(['a']) }))).toEqual(['b', 'c', 'd']);
    expect(idsOf(situation(FULL, { settled: new Set(['b']) }))).toEqual(['b']);
  });
});

test('the times are those of go-ethereum', () => {
  expect([MIN_CHURN_PAUSE_MS, MAX_CHURN_PAUSE_MS, YOUNG_PEER_MS]).toEqual([
    180_000, 420_000, 600_000,
  ]);
});
