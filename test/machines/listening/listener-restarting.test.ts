/** An address that is lost while the server runs, and bound again. */
import { describe, expect, test } from 'vitest';
import type {
  SocketServerCommand,
  SocketServerEvent,
} from '../../../src/io/adapters/tcp-listener.ts';
import type { Endpoint } from '../../../src/io/wire/endpoint.ts';
import {
  BIND_TIMEOUT_MS,
  DRAIN_TIMEOUT_MS,
  type ListenerEvent,
  listenerMachine,
  REBIND_DELAYS_MS,
} from '../../../src/machines/listening/listener.ts';
import { FakeActor } from '../../../src/testing/machine/fake-actor.ts';
import { fakeCallerLookup } from '../../../src/testing/machine/fake-adapters.ts';
import {
  accepted,
  address,
  asked,
  bound,
  expectClosed,
  expectLost,
  failed,
  full,
  type ListenerRun,
  listen,
  listening,
  portsTaken,
  portsTurnedAway,
  returned,
} from '../../support/listener-run.ts';
import { runChild } from '../../support/run-machine.ts';

/** Lost once, with so many handshakes under way. */
function lost(handshakes = 0): ListenerRun {
  const run = handshakes > 0 ? full(handshakes) : listening(1);
  run.socket.report(failed(false));
  return run;
}

/** Bound again after the first pause. */
function restored(handshakes = 0): ListenerRun {
  const run = lost(handshakes);
  run.clock.advance(1_000);
  run.socket.report(bound);
  return run;
}

const close: ListenerEvent = { type: 'close' };

describe('quirk 9: a listener that is lost', () => {
  test('binds again after 1 s, to the same address with the port it really had', () => {
    const run = lost();
    expectLost(run, 'EMFILE');
    run.clock.advance(999);
    expect(run.socket.live).toBe(0);
    run.clock.advance(1);
    expect(run.state()).toBe('open.binding');
    expect(run.socket.inputs).toEqual([asked, address]);
    run.socket.report(bound);
    expect(run.state()).toBe('open.accepting');
    expect(run.reports.at(-1)).toEqual({ type: 'listener.bound', address });
    expect([run.socket.live, run.clock.pending]).toEqual([1, 0]);
  });

  test('waits twice as long after each attempt that fails, and 60 s at most', () => {
    const run = lost();
    const waits = [1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000);
    for (const ms of waits) {
      expect(run.reports.at(-1)).toMatchObject({ type: 'listener.lost', retryInMs: ms });
      run.clock.advance(ms - 1);
      expect(run.state()).toMatch(/^restarting[.]after/);
      run.clock.advance(1);
      expect(run.state()).toBe('open.binding');
      run.socket.report({ type: 'bind.failed', message: 'EADDRINUSE' });
    }
    expect(Object.values(REBIND_DELAYS_MS)).toEqual(waits.slice(0, 7));
    expect(run.reports.at(-1)).toMatchObject({ message: 'EADDRINUSE' });
  });

  test('counts from the beginning once it was bound', () => {
    const run = lost();
    run.clock.advance(1_000);
    run.socket.report({ type: 'bind.failed', message: 'EADDRINUSE' });
    run.clock.advance(2_000);
    run.socket.report(bound);
    run.socket.report(failed(false));
    expectLost(run, 'EMFILE');
  });

  test('has 5 s to be bound again, too', () => {
    const run = lost();
    run.clock.advance(1_000 + BIND_TIMEOUT_MS);
    expect(run.state()).toBe('restarting.after2s');
    expect(run.reports.at(-1)).toMatchObject({ message: 'binding took too long' });
  });

  test('leaves handshakes their slots', () => {
    const run = restored(2);
    expect(run.state()).toBe('open.full');
    run.socket.report(accepted(3));
    run.send(returned(1));
    run.socket.report(accepted(4));
    expect([portsTaken(run), portsTurnedAway(run)]).toEqual([[1, 2, 4], [3]]);
  });

  test('counts slots returned meanwhile, and holders that sent a whole auth', () => {
    const run = lost(2);
    run.send(returned(1), { type: 'auth.arrived', slot: 2 });
    run.clock.advance(1_000);
    run.socket.report(bound);
    run.socket.report(accepted(3));
    expect(run.state()).toBe('open.full');
    run.socket.report(accepted(4, { at: 10_000 }));
    expect(run.reports.slice(-2)).toMatchObject([
      { type: 'connection.replaced', slot: 3 },
      { type: 'connection.accepted', slot: 4 },
    ]);
  });

  test('still reports once the connections it turned away before', () => {
    const run = full(1);
    run.socket.report(accepted(2));
    run.socket.report(failed(false));
    run.clock.advance(1_000);
    const told = run.reports.filter(({ type }) => type === 'callers.turnedAway');
    expect(told).toMatchObject([{ counts: { noSlot: 1 } }]);
  });
});

describe('quirk 9: closing a listener that was lost', () => {
  const reach: [string, (handshakes: number) => ListenerRun][] = [
    ['it waits for its next attempt', lost],
    [
      'it is being bound again',
      (handshakes) => {
        const run = lost(handshakes);
        run.clock.advance(1_000);
        expect(run.state()).toBe('open.binding');
        return run;
      },
    ],
  ];

  test.for(reach)('is over at once while %s, when no handshake is left', ([, begin]) => {
    const run = begin(0);
    run.send(close);
    expect(run.state()).toBe('closed');
    expect([run.socket.live, run.clock.pending]).toEqual([0, 0]);
  });

  test.for(reach)('waits for handshakes while %s, and does not listen again', ([, begin]) => {
    const run = begin(2);
    run.send(close, close);
    expect(run.state()).toBe('emptying');
    run.send(returned(1));
    expect(run.state()).toBe('emptying');
    run.send(returned(2));
    expectClosed(run);
  });

  test.for(reach)('waits 4 s for them at most while %s', ([, begin]) => {
    const run = begin(1);
    run.send(close);
    run.clock.advance(DRAIN_TIMEOUT_MS - 1);
    expect(run.state()).toBe('emptying');
    run.clock.advance(1);
    expectClosed(run);
  });

  test('that was bound again is like closing any other', () => {
    const run = restored();
    run.send(close);
    run.socket.report({ type: 'socket.closed' });
    expectClosed(run);
  });
});

describe('while it closes', () => {
  for (const [what, event] of [
    ['an accept that fails for good', failed(false)],
    ['an error of the socket', { type: 'bind.failed', message: 'EBADF' }],
  ] as const)
    test(`${what} does not make it listen again`, () => {
      const run = full(1);
      run.send(close);
      run.socket.report(event);
      expect(run.state()).toBe('open.draining');
      run.send(returned(1));
      run.socket.report(event);
      expect(run.state()).toBe('open.closing');
      run.socket.report({ type: 'socket.closed' });
      expectClosed(run);
    });

  test('an adapter that breaks does not make it listen again either', () => {
    const socket = new FakeActor<SocketServerCommand, SocketServerEvent, Endpoint>(() => {
      throw new Error('broken on purpose');
    });
    const actors = { socketServer: socket.logic, callerLookup: fakeCallerLookup().logic };
    const run = runChild(listenerMachine.provide({ actors }), { address: asked, slots: 1 });
    socket.report(bound);
    socket.report(accepted(1));
    run.send(close);
    expect(run.state()).toBe('emptying');
    run.send(returned(1));
    expect([run.state(), run.clock.pending]).toEqual(['closed', 0]);
  });
});

describe('while it closes, an error', () => {
  const error = new Error('oops');
  const parts = [
    { type: 'xstate.error.actor.socketServer', actorId: 'socketServer', error },
    { type: 'xstate.error.actor.callerLookup', actorId: 'callerLookup', error },
  ] as const satisfies readonly ListenerEvent[];
  test.for(parts)('of the $actorId leaves nothing but handshakes to wait for', (broke) => {
    const run = full(1);
    run.send(close, broke);
    expect(run.state()).toBe('emptying');
    run.send(returned(1));
    expectClosed(run);
  });

  test.for(parts)('of the $actorId without handshakes is the end', (broke) => {
    const run = listening(1);
    run.send(close);
    expect(run.state()).toBe('open.closing');
    run.send(broke);
    expectClosed(run);
  });
});

test('connections turned away before a failed bind are reported before the failure', () => {
  const run = listen();
  run.socket.report(accepted(1));
  run.socket.report({ type: 'bind.failed', message: 'EADDRINUSE' });
  expect(run.reports.map(({ type }) => type)).toEqual(['callers.turnedAway', 'listener.failed']);
});
