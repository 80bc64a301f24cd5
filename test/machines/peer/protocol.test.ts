import { describe, expect, test } from 'vitest';
import type { EventObject } from 'xstate';

import type { HandlerEvent, ProtocolRun } from '../../../src/io/adapters/protocol-handler.ts';
import { protocolMachine } from '../../../src/machines/peer/protocol.ts';
import { FakeActor } from '../../../src/testing/machine/fake-actor.ts';
import { brokenActor } from '../../support/broken-actor.ts';
import { runMachine } from '../../support/run-machine.ts';

const run: ProtocolRun = async () => {};

describe('a subprotocol on a peer', () => {
  test('runs for as long as its handler does, with no deadline', () => {
    const { handler, ...machine } = start();
    expect(handler.inputs).toEqual([run]);
    machine.clock.advance(24 * 60 * 60 * 1000);
    expect(machine.state()).toBe('running');
    expect(handler.live).toBe(1);
  });

  test('ends when its handler returns', () => {
    const { handler, ...machine } = start();
    handler.report({ type: 'handler.returned' });
    expect(machine.state()).toBe('returned');
    expect(machine.output()).toEqual({ protocol: 'eth/69', how: 'returned', message: '' });
    expect(handler.live).toBe(0);
  });

  test('has failed when its handler threw, and says what', () => {
    const { handler, ...machine } = start();
    handler.report({ type: 'handler.failed', message: 'Error: no chain' });
    expect(machine.state()).toBe('failed');
    expect(machine.output()).toEqual({
      protocol: 'eth/69',
      how: 'failed',
      message: 'Error: no chain',
    });
    expect(handler.live).toBe(0);
  });

  test('ends once: a second report of the handler is ignored', () => {
    const { handler, ...machine } = start();
    handler.report({ type: 'handler.returned' });
    handler.report({ type: 'handler.failed', message: 'late' });
    expect(machine.output()).toMatchObject({ how: 'returned', message: '' });
  });

  test('has failed when its adapter breaks', () => {
    const machine = runMachine(
      protocolMachine.provide({ actors: { handler: brokenActor<EventObject, ProtocolRun>() } }),
      { protocol: 'eth/69', run },
    );
    expect(machine.state()).toBe('failed');
    expect(machine.output()).toMatchObject({ how: 'failed' });
  });

  test('stops its handler when it is stopped', () => {
    const { handler, ...machine } = start();
    machine.actor.stop();
    expect(handler.live).toBe(0);
  });
});

function start() {
  const handler = new FakeActor<EventObject, HandlerEvent, ProtocolRun>();
  const machine = protocolMachine.provide({ actors: { handler: handler.logic } });
  return { ...runMachine(machine, { protocol: 'eth/69', run }), handler };
}
