import { expect, test } from 'vitest';
import { type AnyActorLogic, type AnyStateMachine, createActor } from 'xstate';
import * as machines from '../../../src/exports/machines.ts';
import * as testing from '../../../src/exports/testing.ts';
import { dummyStream } from '../../support/dummy-stream.ts';
import { runChild } from '../../support/run-machine.ts';

const isMachine = (value: unknown): value is AnyStateMachine =>
  typeof value === 'object' && value !== null && 'implementations' in value;

/** Actors that throw as long as no adapter is provided, of all machines. */
const open = new Set(
  Object.values(machines)
    .filter(isMachine)
    .flatMap(({ implementations }) =>
      Object.entries(implementations.actors as Record<string, AnyActorLogic>)
        .filter(([, logic]) => !isMachine(logic) && breaks(logic))
        .map(([name]) => name),
    ),
);

test('each actor that a machine leaves open has a fake of its name', () => {
  expect(open.size).toBeGreaterThan(8);
  const fakes = Object.keys(testing).filter((name) => name.startsWith('fake'));
  for (const name of open) expect(fakes).toContain(`fake${name[0]!.toUpperCase()}${name.slice(1)}`);
});

test('a fake caller lookup answers each stream at once', () => {
  const lookup = testing.fakeCallerLookup();
  const socket = testing.fakeSocketServer();
  const actors = { socketServer: socket.logic, callerLookup: lookup.logic };
  const address = { host: '127.0.0.1', port: 30_303 };
  const run = runChild(machines.listenerMachine.provide({ actors }), { address, slots: 1 });
  expect(socket.inputs).toEqual([address]);
  socket.report({ type: 'socket.bound', address });
  const stream = dummyStream(7);
  socket.report({ type: 'socket.accepted', stream });
  expect(run.reports.map(({ type }) => type)).toEqual(['listener.bound', 'connection.accepted']);
  expect(lookup.commands[0]?.stream).toBe(stream);
});

function breaks(logic: AnyActorLogic): boolean {
  const actor = createActor(logic, { input: undefined });
  let broke = false;
  actor.subscribe({ error: () => (broke = true) });
  actor.start();
  actor.stop();
  return broke;
}
