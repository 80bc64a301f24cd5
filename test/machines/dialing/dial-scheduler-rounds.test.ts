/** The scenarios of go-ethereum's dial tests, p2p/dial_test.go, by their names and in rounds of 16 s as there. */
import { describe, expect, test } from 'vitest';

import { MAX_STATIC_NODES, REDIAL_DELAY_MS } from '../../../src/machines/dialing/dial-scheduler.ts';
import type { DialTarget } from '../../../src/machines/dialing/dial-task.ts';
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

const ROUND_MS = 16_000;
const many = (n: number) => ({ rules: { maxDialed: n, maxActive: n } });
const ids = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, n) => String(from + n));

/** The dials to these ids end as peers of ours. */
const succeed = (run: DialRun, ...who: string[]) => {
  run.send(...who.map((id) => peerAdded(id, 'dynamic')), ...who.map(ended));
};
const fail = (run: DialRun, ...who: string[]) => {
  for (const id of who) run.send(ended(id));
};
const dynamic = { hasCandidates: true };

describe('DialSchedDynDial, DialStateDynDial, DialStateDynDialFromTable', () => {
  test('two dials for each free slot; peers are skipped; later slots are filled in order', () => {
    const run = runDials({ ...dynamic, rules: { maxDialed: 5, maxActive: 4 } });
    run.send(peerAdded('0', 'static'), peerAdded('1', 'dynamic'), peerAdded('2', 'dynamic'));
    run.find('0'); // a peer
    run.clock.advance(20);
    run.find('3');
    run.find('4');
    run.find('5');
    run.find('6');
    expect(run.fresh()).toEqual(['3', '4', '5', '6']); // (5 - 3) * 2
    expect(run.region('slots')).toBe('saturated');

    run.clock.advance(ROUND_MS);
    succeed(run, '3', '4');
    fail(run, '5', '6');
    expect([run.fresh(), run.region('slots')]).toEqual([[], 'saturated']); // 5 of 5

    run.send(peerRemoved('0'));
    run.find('7');
    run.find('8');
    expect(run.fresh()).toEqual(['7', '8']);
  });

  test('no more than the dials at once', () => {
    const run = runDials({ ...dynamic, rules: { maxDialed: 50, maxActive: 3 } });
    for (const id of ids(1, 3)) run.find(id);
    expect(run.source.commands).toHaveLength(3); // nothing more is read
    expect(run.fresh()).toEqual(['1', '2', '3']);
  });
});

describe('DialSchedNetRestrict, DialStateNetRestrict', () => {
  test('only candidates and static nodes inside the networks are dialled', () => {
    const inside = (n: number): DialTarget => ({ ...target(`${n}`), host: `127.0.2.${n}` });
    const run = runDials({
      ...dynamic,
      rules: { ...many(10).rules, isInNetRestrict: (host) => host.startsWith('127.0.2.') },
      statics: [inside(7), target('1')],
    });
    expect(run.reports).toContainEqual({
      type: 'static.blocked',
      target: target('1'),
      why: 'notInNetRestrict',
    });
    run.source.report({ type: 'candidate.found', target: target('2') });
    expect(run.region('candidates')).toBe('pausing');
    run.clock.advance(20);
    run.source.report({ type: 'candidate.found', target: inside(8) });
    expect(run.fresh()).toEqual(['7', '8']);
    run.clock.advance(10 * REDIAL_DELAY_MS);
    expect(run.reports.filter(({ type }) => type === 'static.blocked')).toHaveLength(1);
  });
});

describe('DialSchedStaticDial, DialStateStaticDial', () => {
  test('static dials keep to the slots, skip peers, and redial nodes that dropped', () => {
    const run = runDials({ rules: { maxDialed: 5, maxActive: 4 }, ...statics(...ids(1, 9)) });
    const first = run.fresh();
    expect(first).toHaveLength(4);

    run.clock.advance(ROUND_MS);
    succeed(run, ...first);
    const second = run.fresh();
    expect(second).toHaveLength(2); // (5 - 4) * 2

    run.clock.advance(ROUND_MS);
    const [rest] = ids(1, 9).filter((id) => ![...first, ...second].includes(id));
    run.send(peerAdded(rest!, 'inbound')); // it called us: no longer in the pool
    fail(run, ...second);
    const tried = [...first, ...second, rest];
    expect(run.fresh()).toEqual(ids(1, 9).filter((id) => !tried.includes(id)));

    run.clock.advance(ROUND_MS);
    run.send(peerRemoved(first[0]!)); // dialled 48 s ago
    expect(run.fresh()).toEqual([first[0]]);
  });

  test('a peer that drops is redialled at once when its dial is 35 s old', () => {
    const run = runDials(statics('a'));
    run.send(peerAdded('a'), ended('a'));
    run.clock.advance(3 * ROUND_MS);
    run.fresh();
    run.send(peerRemoved('a'));
    expect(run.fresh()).toEqual(['a']);
  });
});

describe('DialSchedRemoveStatic', () => {
  test('a removed node is never dialled again: in history, while dialled, or in the pool', () => {
    const run = runDials({ rules: { maxDialed: 1, maxActive: 1 }, ...statics('1', '2', '3') });
    const [tried] = run.fresh();
    fail(run, tried!);
    const [dialing] = run.fresh();
    run.send(removed(tried!), removed(dialing!));
    expect(run.reports.at(-1)).toEqual({ type: 'dial.unwanted', id: dialing, why: 'removed' });
    const pooled = ids(1, 3).find((id) => id !== tried && id !== dialing)!;
    run.send(removed(pooled), ended(dialing!));
    run.clock.advance(10 * REDIAL_DELAY_MS);
    expect(run.fresh()).toEqual([]);
    expect(run.clock.pending).toBe(0);
  });
});

describe('DialSchedManyStaticNodes', () => {
  test('a random choice of them, and all of them in the end', () => {
    const allStatics = ids(1, MAX_STATIC_NODES);
    const run = runDials({ ...many(10), ...statics(...allStatics) });
    const seen = new Set<string>();
    for (let dials = run.fresh(); dials.length > 0; dials = run.fresh()) {
      for (const id of dials) seen.add(id);
      fail(run, ...dials);
    }
    expect(seen.size).toBe(MAX_STATIC_NODES);
  });

  test('more than 1,000 are ignored, and known ones may still move', () => {
    const run = runDials({ ...many(0), ...statics(...ids(1, MAX_STATIC_NODES)) });
    const kept = () => run.actor.getSnapshot().context.statics.size;
    run.send(added('one more'));
    expect([MAX_STATIC_NODES, kept()]).toEqual([1_000, 1_000]);
    run.send(added('7'), removed('8'), added('one more'));
    expect(kept()).toBe(1_000);
  });
});

describe('DialSchedHistory', () => {
  test('a node whose dial failed is retried 35 s after that dial began, and not before', () => {
    const run = runDials(statics('1', '2', '3'));
    run.send(peerAdded('1'), ended('1'), ended('2'), ended('3'));
    expect(run.fresh()).toEqual(['1', '2', '3']);
    run.clock.advance(2 * ROUND_MS);
    expect(run.fresh()).toEqual([]);
    run.clock.advance(ROUND_MS);
    expect(run.fresh()).toEqual(['2', '3']);
  });
});

describe('DialStateCache', () => {
  test('a node that is lost early waits for the end of its 35 s', () => {
    const run = runDials(statics('1', '2', '3'));
    run.send(peerAdded('1'), peerAdded('2'), ended('1'), ended('2'), ended('3'));
    run.fresh();
    run.clock.advance(ROUND_MS);
    run.send(peerRemoved('2'));
    expect(run.fresh()).toEqual([]);
    run.clock.advance(REDIAL_DELAY_MS - ROUND_MS);
    expect(run.fresh()).toEqual(['2', '3']);
  });
});

describe('DialStaticAfterReset', () => {
  test('quirk 22: nodes that are removed and added again are dialled at once', () => {
    const run = runDials({ ...many(10), ...statics('1', '2') });
    expect(run.fresh()).toEqual(['1', '2']);
    run.send(peerAdded('1'), peerAdded('2'), ended('1'), ended('2'));
    run.send(removed('1'), removed('2'), peerRemoved('1'), peerRemoved('2'));
    expect(run.fresh()).toEqual([]);
    run.send(added('1'), added('2'));
    expect(run.fresh()).toEqual(['1', '2']);
  });

  test('quirk 22: a known node that is added again has its new address and no history', () => {
    const run = runDials(statics('1'));
    run.send(ended('1'), { type: 'static.add', target: { ...target('1'), tcpPort: 7 } });
    expect(run.reports.at(-1)).toMatchObject({ type: 'dial.wanted', target: { tcpPort: 7 } });
  });
});

describe('R11: a node that refuses every dial', () => {
  test('is dialled once each 35 s, for a whole day', () => {
    const run = runDials(statics('1'));
    const day = 24 * 3_600_000;
    const end = run.clock.now() + day;
    let dials = 0;
    while (run.clock.now() < end) {
      dials += run.fresh().length;
      run.send(ended('1'));
      run.clock.advance(5_000);
    }
    expect(dials).toBe(Math.ceil(day / REDIAL_DELAY_MS));
  });
});
