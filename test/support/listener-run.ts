/** A listener with a socket server that only records, and the ways to its states. */
import { expect } from 'vitest';

import type { Endpoint } from '../../src/io/actors/byte-stream.ts';
import type { SocketServerCommand, SocketServerEvent } from '../../src/io/actors/tcp-listener.ts';
import { listenerMachine } from '../../src/machines/listener.ts';
import { FakeActor } from './fake-actor.ts';
import { runChild } from './run-machine.ts';
import { someStream } from './some-stream.ts';

export const asked: Endpoint = { host: '127.0.0.1', port: 0 };
export const address: Endpoint = { host: '127.0.0.1', port: 40404 };
export const bound: SocketServerEvent = { type: 'socket.bound', address };
export const gone: SocketServerEvent = { type: 'socket.closed' };

export const accepted = (port: number) =>
  ({ type: 'socket.accepted', stream: someStream(port) }) satisfies SocketServerEvent;
export const failed = (temporary: boolean): SocketServerEvent => ({
  type: 'accept.failed',
  temporary,
  message: 'EMFILE',
});

export type ListenerRun = ReturnType<typeof listen>;

export function listen(slots = 1) {
  const socket = new FakeActor<SocketServerCommand, SocketServerEvent, Endpoint>();
  const machine = listenerMachine.provide({ actors: { socketServer: socket.logic } });
  return { ...runChild(machine, { address: asked, slots }), socket };
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

export function expectClosed(run: ListenerRun): void {
  expect(run.state()).toBe('closed');
  expect(run.reports).not.toContainEqual(expect.objectContaining({ type: 'listener.failed' }));
  expectNothingLeft(run);
}

export function expectFailed(run: ListenerRun, message: string): void {
  expect(run.state()).toBe('failed');
  expect(run.reports.at(-1)).toEqual({ type: 'listener.failed', message });
  expectNothingLeft(run);
}

function expectNothingLeft(run: ListenerRun): void {
  expect(run.isOver()).toBe(true);
  expect(run.socket.live).toBe(0);
  expect(run.clock.pending).toBe(0);
}
