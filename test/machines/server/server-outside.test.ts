/** What a running server forwards between its parts and `src/server.ts`. */
import { describe, expect, test } from 'vitest';
import { dummyStream } from '../../support/dummy-stream.ts';
import { address, bound, runServerTo, target } from '../../support/server-run.ts';

describe('connections and dials', () => {
  test('an accepted connection and turned away callers are reported', () => {
    const run = runServerTo('running');
    const stream = dummyStream(9);
    run.listener.report({ type: 'connection.accepted', stream, slot: 1 });
    expect(run.emitted.at(-1)).toEqual({ type: 'connection.accepted', stream, slot: 1 });
    const turnedAway = {
      type: 'callers.turnedAway',
      counts: { netRestrict: 0, throttled: 1, sourceBusy: 0, noSlot: 2, notAccepting: 0 },
      latest: { remote: stream.remote, why: 'noSlot' },
    } as const;
    run.listener.report(turnedAway);
    expect(run.emitted.at(-1)).toEqual(turnedAway);
  });

  test('an inbound connection returns its slot; a dial has none', () => {
    const run = runServerTo('running');
    run.send({ type: 'connection.ended', connectionId: '1', slot: 7 });
    expect(run.listener.commands).toEqual([{ type: 'slot.returned', slot: 7 }]);
    run.send({ type: 'connection.ended', connectionId: '2', slot: null });
    expect(run.listener.commands).toHaveLength(1);
  });

  test('R1: a proven caller is forwarded to the listener, a replaced connection is reported', () => {
    const run = runServerTo('running');
    run.send({ type: 'auth.arrived', slot: 7 });
    expect(run.listener.commands).toEqual([{ type: 'auth.arrived', slot: 7 }]);
    run.listener.report({ type: 'connection.replaced', slot: 6 });
    expect(run.emitted.at(-1)).toEqual({ type: 'connection.replaced', slot: 6 });
  });

  test('quirk 9: a lost address is null until it is bound again', () => {
    const run = runServerTo('running');
    const told = (): unknown => run.actor.getSnapshot().context.address;
    run.listener.report({ type: 'listener.lost', message: 'EBADF', retryInMs: 1_000 });
    expect(told()).toBeNull();
    expect(run.emitted.at(-1)).toEqual({
      type: 'part.lost',
      part: 'listener',
      message: 'EBADF',
      retryInMs: 1_000,
    });
    run.listener.report(bound);
    expect(told()).toEqual(address);
    expect(run.emitted.at(-1)).toEqual({ type: 'listener.restored', address });
    expect(run.state()).toBe('running');
  });

  test('reports of the dial scheduler are forwarded', () => {
    const run = runServerTo('running');
    const reports = [
      { type: 'dial.wanted', target: target('a'), direction: 'static', mayResolve: false },
      { type: 'dial.unwanted', id: 'a', why: 'removed' },
      { type: 'static.blocked', target: target('a'), why: 'notInNetRestrict' },
      { type: 'static.heldBack', nodes: [target('a')], dialled: 1, maxDialed: 1 },
      { type: 'static.released' },
      { type: 'peer.churned', id: 'a', direction: 'inbound' },
      { type: 'churn.skipped' },
      { type: 'candidates.failed', message: 'no network' },
    ] as const;
    for (const report of reports) run.dialScheduler.report(report);
    expect(run.emitted.slice(1)).toEqual(reports);
  });

  test('the end of a dial is forwarded to the dial scheduler', () => {
    const run = runServerTo('running');
    run.send({ type: 'dial.ended', id: 'a' });
    expect(run.dialScheduler.commands).toEqual([{ type: 'dial.ended', id: 'a' }]);
  });
});
