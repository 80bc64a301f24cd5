import { describe, expect, test } from 'vitest';

import {
  MAX_CHURN_PAUSE_MS,
  MIN_CHURN_PAUSE_MS,
  YOUNG_PEER_MS,
} from '../../../src/machines/dialing/churn.ts';
import { type DialRun, peerAdded, peerRemoved, runDials } from '../../support/dial-run.ts';

/** Places for two dialled and two inbound peers. */
const churning = (seed = 1, rest = {}) =>
  runDials({ rules: { churns: true, maxDialed: 2, maxInbound: 2 }, seed, ...rest });

const full = (run: DialRun) => run.send(peerAdded('a', 'inbound'), peerAdded('b', 'inbound'));

const churned = ({ reports }: DialRun) =>
  reports.flatMap((report) => (report.type === 'peer.churned' ? [report.id] : []));

const skipped = ({ reports }: DialRun) =>
  reports.filter(({ type }) => type === 'churn.skipped').length;

describe('with churn', () => {
  test('one peer of a full kind makes room, each 3 to 7 minutes', () => {
    const run = churning();
    full(run);
    run.clock.advance(YOUNG_PEER_MS);
    expect(churned(run)).toEqual([]);
    const latest = YOUNG_PEER_MS + MAX_CHURN_PAUSE_MS;
    while (churned(run).length === 0 && run.clock.now() <= latest) run.clock.advance(1_000);
    expect(churned(run)).toHaveLength(1);
    expect(run.reports).toContainEqual({
      type: 'peer.churned',
      id: churned(run)[0],
      direction: 'inbound',
    });
    run.send(peerRemoved(churned(run)[0]!));
    run.clock.advance(10 * MAX_CHURN_PAUSE_MS);
    expect(churned(run)).toHaveLength(1); // there is room now
  });

  test('the pause is never shorter than 3 minutes nor longer than 7, and differs', () => {
    const pauses = new Set<number>();
    for (let seed = 0; seed < 20; seed += 1) {
      const run = churning(seed);
      run.clock.advance(MIN_CHURN_PAUSE_MS - 1);
      expect(skipped(run)).toBe(0);
      while (skipped(run) === 0 && run.clock.now() <= MAX_CHURN_PAUSE_MS) run.clock.advance(1_000);
      expect(skipped(run)).toBe(1);
      pauses.add(run.clock.now());
    }
    expect(pauses.size).toBeGreaterThan(10);
  });

  test('the same seed chooses the same peer, and other seeds others', () => {
    const first = (seed: number) => {
      const run = churning(seed);
      full(run);
      run.clock.advance(YOUNG_PEER_MS + MAX_CHURN_PAUSE_MS);
      return churned(run)[0];
    };
    expect(first(5)).toBe(first(5));
    const chosen = new Set(Array.from({ length: 12 }, (_, seed) => first(seed)));
    expect([...chosen].sort()).toEqual(['a', 'b']);
  });

  test('a peer that comes again is young again', () => {
    const run = churning();
    full(run);
    run.clock.advance(YOUNG_PEER_MS - 1_000);
    run.send(peerRemoved('a'), peerAdded('a', 'inbound'));
    run.clock.advance(MIN_CHURN_PAUSE_MS);
    const { settled } = run.actor.getSnapshot().context;
    expect([...settled]).toEqual(['b']);
  });

  test('a peer that settled and left is forgotten', () => {
    const run = churning();
    full(run);
    run.clock.advance(YOUNG_PEER_MS);
    run.send(peerRemoved('a'), peerRemoved('b'));
    expect(run.actor.getSnapshot().context.settled.size).toBe(0);
  });

  test('trusted peers stay, and the choice that finds none is reported', () => {
    const run = churning(1, { trusted: ['a', 'b'] });
    full(run);
    run.clock.advance(YOUNG_PEER_MS + MAX_CHURN_PAUSE_MS);
    expect(churned(run)).toEqual([]);
    expect(skipped(run)).toBeGreaterThanOrEqual(2);
  });

  test('nothing happens after the scheduler stopped', () => {
    const run = churning();
    full(run);
    run.send({ type: 'stop' });
    expect(run.clock.pending).toBe(0);
  });
});

test('without churn no peer leaves, and no timer runs', () => {
  const run = runDials({ rules: { maxInbound: 2 } });
  full(run);
  expect(run.state()).toContain('churn.off');
  expect(run.clock.pending).toBe(0);
});
