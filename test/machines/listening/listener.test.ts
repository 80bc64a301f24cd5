import { describe, expect, test } from 'vitest';
import type { CallerLookupCommand } from '../../../src/io/adapters/caller-lookup.ts';
import type {
  SocketServerCommand,
  SocketServerEvent,
} from '../../../src/io/adapters/tcp-listener.ts';
import type { Endpoint } from '../../../src/io/wire/endpoint.ts';
import {
  ACCEPT_PAUSE_MS,
  BIND_TIMEOUT_MS,
  listenerMachine,
} from '../../../src/machines/listening/listener.ts';
import { FakeActor } from '../../../src/testing/machine/fake-actor.ts';
import { fakeCallerLookup } from '../../../src/testing/machine/fake-adapters.ts';
import { brokenActor } from '../../support/broken-actor.ts';
import {
  accepted,
  address,
  asked,
  bound,
  expectClosed,
  expectFailed,
  expectLost,
  failed,
  full,
  gone,
  listen,
  listening,
  paused,
  portsTaken,
  returned,
} from '../../support/listener-run.ts';
import { runChild } from '../../support/run-machine.ts';

describe('binding', () => {
  test('binds the address and reports the one it got', () => {
    const run = listen();
    expect(run.state()).toBe('open.binding');
    expect(run.socket.inputs).toEqual([asked]);
    run.socket.report(bound);
    expect(run.state()).toBe('open.accepting');
    expect(run.reports).toEqual([{ type: 'listener.bound', address }]);
    expect(run.clock.pending).toBe(0);
  });

  test('fails with the error of the operating system', () => {
    const run = listen();
    run.socket.report({ type: 'bind.failed', message: 'EADDRINUSE' });
    expectFailed(run, 'EADDRINUSE');
  });

  test('times out after 5 s', () => {
    const run = listen();
    run.clock.advance(4_999);
    expect(run.state()).toBe('open.binding');
    run.clock.advance(1);
    expect(BIND_TIMEOUT_MS).toBe(5_000);
    expectFailed(run, 'binding took too long');
  });

  test('fails when the adapter breaks', () => {
    const socketServer = brokenActor<SocketServerCommand, Endpoint>();
    const actors = { socketServer, callerLookup: fakeCallerLookup().logic };
    const run = runChild(listenerMachine.provide({ actors }), { address: asked, slots: 1 });
    expect(run.state()).toBe('failed');
    expect(run.reports).toEqual([
      { type: 'listener.failed', message: 'the listening adapter broke' },
    ]);
  });

  test('fails when the caller lookup breaks', () => {
    const socket = new FakeActor<SocketServerCommand, SocketServerEvent, Endpoint>();
    const actors = {
      socketServer: socket.logic,
      callerLookup: brokenActor<CallerLookupCommand, unknown>(),
    };
    const run = runChild(listenerMachine.provide({ actors }), { address: asked, slots: 1 });
    expect(run.state()).toBe('failed');
    expect(run.reports).toEqual([{ type: 'listener.failed', message: 'the caller lookup broke' }]);
    expect(socket.live).toBe(0);
  });

  test('ends at once when the server closes', () => {
    const run = listen();
    run.send({ type: 'close' });
    expectClosed(run);
    expect(run.socket.live).toBe(0);
  });

  test('turns away connections that come too early', () => {
    const run = listen();
    const early = accepted(1);
    run.socket.report(early);
    expect(run.socket.commands).toEqual([{ type: 'turn.away', stream: early.stream }]);
    expect(run.reports).toEqual([]);
  });
});

describe('slots', () => {
  test('a new connection is handed to the server', () => {
    const run = listening(2);
    const first = accepted(1);
    run.socket.report(first);
    expect(run.reports.at(-1)).toEqual({
      type: 'connection.accepted',
      stream: first.stream,
      slot: 1,
    });
    expect(run.state()).toBe('open.accepting');
  });

  test('after the last slot is taken, the next connection is turned away without a byte', () => {
    const run = listening(2);
    const late = accepted(3);
    run.socket.report(accepted(1));
    run.socket.report(accepted(2));
    expect(run.state()).toBe('open.full');
    run.socket.report(late);
    expect(run.socket.commands).toEqual([{ type: 'turn.away', stream: late.stream }]);
    expect(portsTaken(run)).toEqual([1, 2]);
  });

  test('one returned slot admits exactly one more connection', () => {
    const run = full(2);
    run.send(returned(1));
    expect(run.state()).toBe('open.accepting');
    run.socket.report(accepted(3));
    expect(run.state()).toBe('open.full');
    run.socket.report(accepted(4));
    expect(portsTaken(run)).toEqual([1, 2, 3]);
  });

  test('are returned once each, and only those that were taken', () => {
    const run = full(2);
    run.send(returned(1), returned(1), returned(3));
    for (const port of [3, 4]) run.socket.report(accepted(port));
    expect(portsTaken(run)).toEqual([1, 2, 3]);
  });
});

describe('an accept that fails', () => {
  test('with a temporary error admits no connection for 200 ms', () => {
    const run = listening(2);
    const early = accepted(1);
    run.socket.report(failed(true));
    expect(run.state()).toBe('open.pausing');
    run.socket.report(early);
    expect(run.socket.commands).toEqual([{ type: 'turn.away', stream: early.stream }]);
    run.clock.advance(199);
    expect(run.state()).toBe('open.pausing');
    run.clock.advance(1);
    expect(ACCEPT_PAUSE_MS).toBe(200);
    expect(run.state()).toBe('open.accepting');
    run.socket.report(accepted(2));
    expect(portsTaken(run)).toEqual([2]);
  });

  test('again during the pause does not make it longer', () => {
    const run = listening(2);
    run.socket.report(failed(true));
    run.clock.advance(199);
    run.socket.report(failed(true));
    run.clock.advance(1);
    expect(run.state()).toBe('open.accepting');
  });

  test('while it is full leaves it full, and slots can still be returned', () => {
    const run = full(1);
    run.socket.report(failed(true));
    expect(run.state()).toBe('open.full');
    run.send(returned(1));
    expect(run.state()).toBe('open.accepting');
  });

  test('counts a slot that is returned during the pause', () => {
    const run = listening(2);
    run.socket.report(accepted(1));
    run.socket.report(failed(true));
    run.send(returned(1));
    run.clock.advance(ACCEPT_PAUSE_MS);
    run.socket.report(accepted(2));
    expect(run.state()).toBe('open.accepting');
  });

  for (const [state, reach] of [
    ['accepting', () => listening(1)],
    ['full', () => full(1)],
    ['pausing', paused],
  ] as const)
    test(`for good while ${state}: the address is lost and the server is told`, () => {
      const run = reach();
      run.socket.report(failed(false));
      expectLost(run, 'EMFILE');
    });

  for (const [state, reach] of [
    ['accepting', () => listening(1)],
    ['full', () => full(1)],
    ['pausing', paused],
  ] as const)
    test(`a socket that closes by itself while ${state} is a loss too`, () => {
      const run = reach();
      run.socket.report(gone);
      expectLost(run, 'the listening socket closed by itself');
    });
});
