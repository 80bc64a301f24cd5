/** A listener with a socket server and a caller lookup that the test drives, and the ways to its states. */

import { expect } from 'vitest';
import type { Caller } from '../../src/io/adapters/caller-lookup.ts';
import type { SocketServerCommand, SocketServerEvent } from '../../src/io/adapters/tcp-listener.ts';
import type { ByteStream } from '../../src/io/link/byte-stream.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import { type ListenerEvent, listenerMachine } from '../../src/machines/listening/listener.ts';
import { FakeActor } from '../../src/testing/machine/fake-actor.ts';
import { fakeCallerLookup, LAN_CALLER } from '../../src/testing/machine/fake-adapters.ts';
import { dummyStream } from './dummy-stream.ts';
import { runChild } from './run-machine.ts';

export const asked: Endpoint = { host: '127.0.0.1', port: 0 };
export const address: Endpoint = { host: '127.0.0.1', port: 40404 };
export const bound: SocketServerEvent = { type: 'socket.bound', address };
export const gone: SocketServerEvent = { type: 'socket.closed' };
export const returned = (slot: number): ListenerEvent => ({ type: 'slot.returned', slot });

const callers = new WeakMap<ByteStream, Caller>();

/** A LAN caller, unless the test names another one. */
export const accepted = (port: number, caller: Partial<Caller> = {}) => {
  const stream = dummyStream(port);
  callers.set(stream, { ...LAN_CALLER, ...caller });
  return { type: 'socket.accepted', stream } satisfies SocketServerEvent;
};
export const failed = (temporary: boolean): SocketServerEvent => ({
  type: 'accept.failed',
  temporary,
  message: 'EMFILE',
});

export type ListenerRun = ReturnType<typeof listen>;

export function listen(slots = 1) {
  const socket = new FakeActor<SocketServerCommand, SocketServerEvent, Endpoint>();
  const callerLookup = fakeCallerLookup((stream) => callers.get(stream) ?? LAN_CALLER);
  const actors = { socketServer: socket.logic, callerLookup: callerLookup.logic };
  const machine = listenerMachine.provide({ actors });
  return { ...runChild(machine, { address: asked, slots }), socket, callerLookup };
}

export function listening(slots: number): ListenerRun {
  const run = listen(slots);
  run.socket.report(bound);
  return run;
}

export function full(slots: number): ListenerRun {
  const run = listening(slots);
  for (let port = 1; port <= slots; port += 1) run.socket.report(accepted(port));
  return run;
}

export function paused(): ListenerRun {
  const run = listening(1);
  run.socket.report(failed(true));
  return run;
}

export const portsTaken = ({ reports }: ListenerRun): number[] =>
  reports.flatMap((report) =>
    'stream' in report ? (report as ReturnType<typeof accepted>).stream.remote.port : [],
  );

/** Of those who were destroyed, in order. */
export const portsTurnedAway = ({ socket }: ListenerRun): number[] =>
  socket.commands.flatMap((command) => ('stream' in command ? command.stream.remote.port : []));

export function expectClosed(run: ListenerRun): void {
  expect(run.state()).toBe('closed');
  expect(run.reports).not.toContainEqual(expect.objectContaining({ type: 'listener.failed' }));
  expectNothingLeft(run);
}

/** Lost, told to the server, and to be bound again after the first pause. */
export function expectLost(run: ListenerRun, message: string): void {
  expect(run.state()).toBe('restarting.after1s');
  expect(run.reports.at(-1)).toEqual({ type: 'listener.lost', message, retryInMs: 1_000 });
  expect([run.socket.live, run.callerLookup.live]).toEqual([0, 0]);
}

export function expectFailed(run: ListenerRun, message: string): void {
  expect(run.state()).toBe('failed');
  expect(run.reports.at(-1)).toEqual({ type: 'listener.failed', message });
  expectNothingLeft(run);
}

function expectNothingLeft(run: ListenerRun): void {
  expect(run.isOver()).toBe(true);
  expect([run.socket.live, run.callerLookup.live]).toEqual([0, 0]);
  expect(run.clock.pending).toBe(0);
}
