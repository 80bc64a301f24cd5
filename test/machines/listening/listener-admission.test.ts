import { describe, expect, test } from 'vitest';

import type { Caller } from '../../../src/io/adapters/caller-lookup.ts';
import {
  TURNED_AWAY_REPORT_MS,
  type TurnAwayReason,
} from '../../../src/machines/listening/listener.ts';
import {
  accepted,
  bound,
  full,
  gone,
  type ListenerRun,
  listen,
  listening,
  paused,
  portsTaken,
  portsTurnedAway,
  returned,
} from '../../support/listener-run.ts';

const from = (source: string, at = 0): Partial<Caller> => ({ source, at, isLan: false });
const outside = { isRestricted: true };

describe('a new connection', () => {
  test('R1: outside of NetRestrict is destroyed, and takes no slot', () => {
    const run = listening(1);
    run.socket.report(accepted(1, outside));
    expect([portsTaken(run), portsTurnedAway(run)]).toEqual([[], [1]]);
    expect(run.state()).toBe('open.accepting');
    run.socket.report(accepted(2));
    expect(portsTaken(run)).toEqual([2]);
  });

  test('R3: from a source that was admitted less than 30 s ago is destroyed, and takes no slot', () => {
    const run = listening(2);
    run.socket.report(accepted(1, from('a')));
    run.socket.report(accepted(2, from('a', 30_000)));
    run.socket.report(accepted(3, from('b', 30_000)));
    expect([portsTaken(run), portsTurnedAway(run)]).toEqual([[1, 3], [2]]);
  });

  test('R3: that is turned away does not have to wait longer for it', () => {
    const run = listening(3);
    run.socket.report(accepted(1, from('a')));
    for (const at of [10_000, 20_000, 30_000]) run.socket.report(accepted(2, from('a', at)));
    run.socket.report(accepted(3, from('a', 30_001)));
    expect(portsTaken(run)).toEqual([1, 3]);
  });

  test('R3: returning a slot does not shorten the 30 s throttle', () => {
    const run = full(1);
    run.send(returned(1));
    run.socket.report(accepted(2, from('a')));
    run.send(returned(2));
    run.socket.report(accepted(3, from('a', 1)));
    expect(portsTaken(run)).toEqual([1, 2]);
  });

  test('from the LAN is admitted as often as there are slots', () => {
    const run = listening(3);
    for (const port of [1, 2, 3]) run.socket.report(accepted(port));
    expect(portsTaken(run)).toEqual([1, 2, 3]);
  });

  test('that was turned away by NetRestrict or for lack of a slot is not remembered', () => {
    const run = listening(1);
    run.socket.report(accepted(1, { ...from('a'), ...outside }));
    run.socket.report(accepted(2));
    run.socket.report(accepted(3, from('a')));
    run.send(returned(1));
    run.socket.report(accepted(4, from('a')));
    expect(portsTaken(run)).toEqual([2, 4]);
  });

  test('R1: is not looked up while it could not be admitted', () => {
    for (const run of [listen(), paused()]) {
      const before = run.callerLookup.commands.length;
      run.socket.report(accepted(9));
      expect(run.callerLookup.commands).toHaveLength(before);
      expect(portsTurnedAway(run)).toEqual([9]);
    }
  });

  test.for<[string, () => ListenerRun, TurnAwayReason]>([
    ['the last slot is taken', () => full(1), 'noSlot'],
    ['an accept has failed', paused, 'notAccepting'],
  ])('is turned away when %s while it is looked at', ([, reach, why]) => {
    const run = reach();
    const { stream } = accepted(9);
    const { caller } = seen(from('a'));
    run.callerLookup.report({ type: 'caller.seen', stream, caller });
    run.clock.advance(TURNED_AWAY_REPORT_MS);
    expect(portsTurnedAway(run)).toEqual([9]);
    expect(run.reports.at(-1)).toMatchObject({ latest: { remote: stream.remote, why } });
  });
});

describe('a connection that is turned away', () => {
  test('is counted by reason, in one report to the server for each second', () => {
    const run = listening(1);
    run.socket.report(accepted(1, outside));
    run.socket.report(accepted(2, from('a')));
    run.send(returned(1));
    run.socket.report(accepted(3, from('a')));
    run.socket.report(accepted(4));
    for (let port = 5; port < 10; port += 1) run.socket.report(accepted(port));
    run.clock.advance(999);
    expect(told(run)).toEqual([]);
    run.clock.advance(1);
    expect(TURNED_AWAY_REPORT_MS).toBe(1_000);
    expect(told(run)).toEqual([
      {
        type: 'callers.turnedAway',
        counts: { netRestrict: 1, throttled: 1, sourceBusy: 0, noSlot: 5, notAccepting: 0 },
        latest: { remote: { host: '192.0.2.9', port: 9 }, why: 'noSlot' },
      },
    ]);
    expect(run.clock.pending).toBe(0);
  });

  test('R1: 10,000 in a second are one report', () => {
    const run = full(1);
    const late = accepted(2);
    for (let count = 0; count < 10_000; count += 1) run.socket.report(late);
    run.clock.advance(TURNED_AWAY_REPORT_MS);
    expect(told(run)).toMatchObject([{ counts: { noSlot: 10_000 } }]);
  });

  test('later than that is counted from zero', () => {
    const run = full(1);
    run.socket.report(accepted(2));
    run.clock.advance(TURNED_AWAY_REPORT_MS);
    run.socket.report(accepted(3));
    run.clock.advance(TURNED_AWAY_REPORT_MS);
    expect(told(run)).toMatchObject([{ counts: { noSlot: 1 } }, { counts: { noSlot: 1 } }]);
  });

  test('before the address was bound is reported as well', () => {
    const run = listen();
    run.socket.report(accepted(1));
    run.socket.report(bound);
    run.clock.advance(TURNED_AWAY_REPORT_MS);
    expect(told(run)).toMatchObject([{ counts: { notAccepting: 1 } }]);
  });

  test('right before the end is reported at the end', () => {
    const run = full(1);
    run.send({ type: 'close' });
    run.socket.report(accepted(2));
    run.socket.report(gone);
    run.send(returned(1));
    expect(told(run)).toMatchObject([{ counts: { notAccepting: 1 } }]);
    expect([run.isOver(), run.clock.pending]).toEqual([true, 0]);
  });
});

const seen = (caller: Partial<Caller>): { caller: Caller } => ({
  caller: { at: 0, source: 'a', isLan: false, isRestricted: false, ...caller },
});

const told = ({ reports }: ListenerRun) =>
  reports.filter(({ type }) => type === 'callers.turnedAway');
