/** Static nodes that are not dialled because the peers that we dialled take the whole share. */
import { describe, expect, test } from 'vitest';

import {
  type DialGenerator,
  type DialState,
  dialGenerator,
} from '../../../src/machines/dialing/dial-generator.ts';
import { REDIAL_DELAY_MS } from '../../../src/machines/dialing/dial-scheduler.ts';
import { target } from '../../support/dial-input.ts';
import {
  added,
  type DialRun,
  ended,
  peerAdded,
  peerRemoved,
  removed,
  runDials,
  statics,
} from '../../support/dial-run.ts';

const ONE = { rules: { maxDialed: 1, maxActive: 4 } };

/** The dial of this node ends as a peer. */
const connect = (run: DialRun, id: string): void => {
  run.send(peerAdded(id, 'static'), ended(id));
};

/** Ids that were reported as held back, one list for each report; `released` for the end of it. */
const heldBack = (run: DialRun): (string[] | 'released')[] =>
  run.reports.flatMap((report): (string[] | 'released')[] => {
    if (report.type === 'static.released') return ['released'];
    return report.type === 'static.heldBack' ? [report.nodes.map(({ id }) => id).sort()] : [];
  });

describe('static nodes beyond the share of dialled peers', () => {
  test('are reported when the last place is taken, and the chart says so', () => {
    const run = runDials({ ...ONE, ...statics('a') });
    connect(run, 'a');
    expect([heldBack(run), run.region('staticNodes')]).toEqual([[], 'dialable']);
    run.send(added('b'));
    expect(run.region('staticNodes')).toBe('heldBack');
    expect(run.reports.at(-1)).toEqual({
      type: 'static.heldBack',
      nodes: [target('b')],
      dialled: 1,
      maxDialed: 1,
    });
  });

  test('are reported once each, however long it lasts', () => {
    const run = runDials({ ...ONE, ...statics('a') });
    connect(run, 'a');
    run.send(added('b'));
    run.clock.advance(10 * REDIAL_DELAY_MS);
    run.send(added('c'), added('b'));
    run.clock.advance(10 * REDIAL_DELAY_MS);
    expect(heldBack(run)).toEqual([['b'], ['c']]);
  });

  test('are dialled when a dialled peer leaves, and reported again when that place is taken', () => {
    const run = runDials({ ...ONE, ...statics('a') });
    connect(run, 'a');
    run.send(added('b'));
    run.fresh();
    run.send(peerRemoved('a'));
    expect([run.fresh(), run.region('staticNodes')]).toEqual([['b'], 'dialable']);
    connect(run, 'b');
    expect(run.region('staticNodes')).toBe('dialable'); // `a` was dialled a moment ago
    run.clock.advance(REDIAL_DELAY_MS);
    expect(heldBack(run)).toEqual([['b'], 'released', ['a']]);
  });

  test('are no longer held back once they are removed, or have connected with us', () => {
    const run = runDials({ ...ONE, ...statics('a') });
    connect(run, 'a');
    run.send(added('b'), removed('b'));
    expect(run.region('staticNodes')).toBe('dialable');
    run.send(added('c'), peerAdded('c', 'inbound'), removed('unknown'));
    expect(heldBack(run)).toEqual([['b'], 'released', ['c'], 'released']);
  });

  test('that only wait for the end of running dials are not reported', () => {
    const run = runDials({ rules: { maxDialed: 1, maxActive: 1 }, ...statics('a', 'b') });
    expect([run.region('slots'), run.region('staticNodes')]).toEqual(['saturated', 'dialable']);
    expect(heldBack(run)).toEqual([]);
  });

  test('are dialled all the same when they are exempt from it', () => {
    const run = runDials({ rules: { ...ONE.rules, isStaticExempt: true }, ...statics('a') });
    connect(run, 'a');
    run.fresh();
    run.send(added('b'));
    expect([run.fresh(), heldBack(run)]).toEqual([['b'], []]);
  });

  test('are all of them when nothing is dialled', () => {
    const run = runDials({ rules: { maxDialed: 0, maxActive: 0 }, ...statics('a', 'b') });
    expect([run.fresh(), heldBack(run)]).toEqual([[], [['a', 'b']]]);
  });

  test('are not known with a generator that does not report them', () => {
    const generator: DialGenerator<unknown> = {
      ...dialGenerator,
      newTasks: (state, situation) => {
        const { waiting: _, ...plan } = dialGenerator.newTasks(state as DialState, situation);
        return plan;
      },
    };
    const run = runDials({ ...ONE, generator, ...statics('a') });
    connect(run, 'a');
    run.send(added('b'));
    expect([run.region('staticNodes'), heldBack(run)]).toEqual(['dialable', []]);
  });

  test('are not reported by a scheduler that stops', () => {
    const run = runDials({ ...ONE, ...statics('a') });
    connect(run, 'a');
    run.send({ type: 'stop' }, added('b'));
    expect(heldBack(run)).toEqual([]);
  });
});
