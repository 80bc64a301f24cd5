/** What a listener does with newcomers when every slot is taken. */
import { describe, expect, test } from 'vitest';
import type { EventObject } from 'xstate';

import type { Caller } from '../../../src/io/adapters/caller-lookup.ts';
import { INBOUND_THROTTLE_MS } from '../../../src/machines/listening/inbound-check.ts';
import {
  type ListenerReport,
  TURNED_AWAY_REPORT_MS,
} from '../../../src/machines/listening/listener.ts';
import { seededRandom } from '../../support/crypto.ts';
import {
  accepted,
  type ListenerRun,
  listening,
  portsTaken,
  portsTurnedAway,
  returned,
} from '../../support/listener-run.ts';

const from = (source: string, at = 0): Partial<Caller> => ({ source, at, isLan: false });

/** So many slots, each held since 0 by a source of its own. */
function crowded(slots: number): ListenerRun {
  const run = listening(slots);
  for (let port = 1; port <= slots; port += 1)
    run.socket.report(accepted(port, from(`silent ${port}`)));
  expect(run.state()).toBe('open.full');
  return run;
}

const reportsOf = ({ reports }: ListenerRun): readonly ListenerReport[] =>
  reports as readonly EventObject[] as readonly ListenerReport[];

const replaced = (run: ListenerRun): number[] =>
  reportsOf(run).flatMap((report) => (report.type === 'connection.replaced' ? [report.slot] : []));

const why = (run: ListenerRun): unknown => {
  run.clock.advance(TURNED_AWAY_REPORT_MS);
  return run.reports.at(-1);
};

describe('R1: when every slot is taken, a new connection', () => {
  test('is destroyed while no holder has been silent for more than 500 ms', () => {
    const run = crowded(2);
    run.socket.report(accepted(9, from('a', 500)));
    expect([portsTurnedAway(run), replaced(run)]).toEqual([[9], []]);
    expect(why(run)).toMatchObject({ counts: { noSlot: 1 } });
  });

  test('replaces the oldest silent one after that, which is reported first', () => {
    const run = crowded(2);
    run.socket.report(accepted(9, from('a', 501)));
    expect(run.reports.slice(-2)).toMatchObject([
      { type: 'connection.replaced', slot: 1 },
      { type: 'connection.accepted', slot: 3 },
    ]);
    expect([portsTaken(run), portsTurnedAway(run)]).toEqual([[1, 2, 9], []]);
    expect(run.state()).toBe('open.full');
  });

  test('does not replace a holder that sent a whole auth', () => {
    const run = crowded(2);
    run.send({ type: 'auth.arrived', slot: 1 });
    run.socket.report(accepted(8, from('a', 501)));
    run.socket.report(accepted(9, from('b', 502)));
    expect([replaced(run), portsTurnedAway(run)]).toEqual([[2], [9]]);
  });

  test('is checked by the rules first, and replaces none when they turn it away', () => {
    const run = crowded(1);
    run.socket.report(accepted(7, { ...from('a', 501), isRestricted: true }));
    run.socket.report(accepted(8, from('silent 1', 502)));
    expect([replaced(run), portsTurnedAway(run)]).toEqual([[], [7, 8]]);
    expect(why(run)).toMatchObject({ counts: { netRestrict: 1, throttled: 1 } });
  });

  test('from a source that has a handshake replaces none', () => {
    const run = crowded(1);
    run.socket.report(accepted(8, from('silent 1', INBOUND_THROTTLE_MS + 1)));
    expect([replaced(run), portsTurnedAway(run)]).toEqual([[], [8]]);
    expect(why(run)).toMatchObject({ counts: { noSlot: 1 } });
  });

  test('from a source with the most handshakes is counted apart from those that find no slot', () => {
    const run = listening(2);
    run.socket.report(accepted(1, from('a', 0)));
    run.socket.report(accepted(2, from('a', 30_001)));
    expect(run.state()).toBe('open.full');
    run.socket.report(accepted(3, from('a', 60_002)));
    expect(why(run)).toMatchObject({ counts: { sourceBusy: 1, noSlot: 0 } });
  });

  test('from the LAN replaces one from the LAN', () => {
    const run = listening(1);
    run.socket.report(accepted(1));
    run.socket.report(accepted(2, { at: 501 }));
    expect([replaced(run), portsTaken(run)]).toEqual([[1], [1, 2]]);
  });

  test('holds its slot alone: a return by the holder before it is ignored', () => {
    const run = crowded(1);
    run.socket.report(accepted(8, from('a', 501)));
    run.send(returned(1), { type: 'auth.arrived', slot: 1 });
    expect(run.state()).toBe('open.full');
    run.socket.report(accepted(9, from('b', 502)));
    expect([replaced(run), portsTurnedAway(run)]).toEqual([[1], [9]]);
    run.send(returned(2));
    expect(run.state()).toBe('open.accepting');
  });

  test('R3: that replaced another one is throttled like any other', () => {
    const run = crowded(1);
    run.socket.report(accepted(8, from('a', 501)));
    run.socket.report(accepted(9, from('a', 1_500)));
    expect([portsTaken(run), portsTurnedAway(run)]).toEqual([[1, 8], [9]]);
  });
});

test('R1: one source has two handshakes at most, however many slots are free', () => {
  const run = listening(5);
  for (const [port, at] of [
    [1, 0],
    [2, 30_001],
    [3, 60_002],
  ] as const)
    run.socket.report(accepted(port, from('a', at)));
  expect([portsTaken(run), portsTurnedAway(run)]).toEqual([[1, 2], [3]]);
  expect(why(run)).toMatchObject({ counts: { sourceBusy: 1 }, latest: { why: 'sourceBusy' } });
  run.send(returned(1));
  run.socket.report(accepted(4, from('a', 60_002)));
  expect(portsTaken(run)).toEqual([1, 2, 4]);
});

const EVENTS = ['comes', 'comes', 'proves', 'ends'] as const;

test.for(['one', 'two', 'three', 'four'])(
  'invariant 4: however they come and go (%s), slots in use stay within the limit and each is returned once',
  (seed) => {
    const draw = dice(seed);
    const slots = 1 + draw(6);
    const run = listening(slots);
    const holders = new Map<number, { readonly since: number; isProven: boolean }>();
    let [at, seen] = [0, 0];
    for (let step = 0; step < 600; step += 1) {
      at += draw(200);
      const any = [...holders.keys()][draw(holders.size)];
      const event = EVENTS[draw(EVENTS.length)];
      if (event === 'comes')
        run.socket.report(accepted(step + 1, { at, source: `${draw(40)}`, isLan: draw(3) === 0 }));
      else if (any !== undefined && event === 'proves') {
        run.send({ type: 'auth.arrived', slot: any });
        holders.get(any)!.isProven = true;
      } else if (any !== undefined) {
        run.send(returned(any), returned(any));
        holders.delete(any);
      }
      for (const report of reportsOf(run).slice(seen)) {
        if (report.type === 'connection.replaced') {
          const gone = holders.get(report.slot)!;
          expect([holders.size, gone.isProven, at - gone.since > 500]).toEqual([
            slots,
            false,
            true,
          ]);
          const silent = [...holders.values()].filter(({ isProven }) => !isProven);
          expect(Math.min(...silent.map(({ since }) => since))).toBe(gone.since);
          holders.delete(report.slot);
          run.send(returned(report.slot)); // it ends, and says so like any other
        }
        if (report.type === 'connection.accepted') {
          expect(holders.has(report.slot)).toBe(false);
          holders.set(report.slot, { since: at, isProven: false });
        }
      }
      seen = run.reports.length;
      expect(run.actor.getSnapshot().context.held.used).toBe(holders.size);
      expect(holders.size).toBeLessThanOrEqual(slots);
    }
    expect(replaced(run).length).toBeGreaterThan(0);
    for (const slot of holders.keys()) run.send(returned(slot));
    expect(run.actor.getSnapshot().context.held).toMatchObject({ used: 0, pages: new Map() });
  },
);

/** Whole numbers below a limit, the same for the same seed. */
function dice(seed: string): (below: number) => number {
  const random = seededRandom(seed);
  return (below) => {
    const [high = 0, low = 0] = random(2);
    return below === 0 ? 0 : (high * 256 + low) % below;
  };
}
