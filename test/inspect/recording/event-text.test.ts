import { describe, expect, test } from 'vitest';
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';

import { machineOf } from '../../../src/inspect/recording/event-forms.ts';
import {
  initialEventOf,
  isWhole,
  readEvent,
  writeEvent,
} from '../../../src/inspect/recording/event-text.ts';
import { FormError } from '../../../src/inspect/recording/form.ts';
import { NO_MASK } from '../../../src/inspect/recording/mask.ts';
import type { DialTaskInput } from '../../../src/machines/dialing/dial-task.ts';
import { dialRules } from '../../support/dial-input.ts';
import { runServer, target } from '../../support/server-run.ts';
import { doorMachine } from '../../testing/door.ts';

const peer = machineOf('peer')!;
const nowhere = {} as AnyMachineSnapshot;

const written = (event: object, machine: AnyStateMachine = peer, snapshot = nowhere) =>
  writeEvent(machine, event as EventObject, snapshot, NO_MASK);

describe("XState's own events", () => {
  test('the initial event has its input', () => {
    const input = { connectionId: '7', link: {}, runs: [{ protocol: 'eth/69', run: () => {} }] };
    const event = written({ type: 'xstate.init', input });
    expect(event).toEqual({
      type: 'xstate.init',
      input: {
        connectionId: '7',
        link: { $: 'link' },
        runs: [{ protocol: 'eth/69', run: { $: 'run' } }],
      },
    });
    expect(readEvent('peer', event, { hostAnswers: new Map() })).toMatchObject({
      input: { connectionId: '7', runs: [{ protocol: 'eth/69' }] },
    });
  });

  test('a stop and a delay have no fields', () => {
    expect(written({ type: 'xstate.stop', more: 1 })).toEqual({ type: 'xstate.stop' });
    expect(written({ type: 'xstate.after.farewell.peer.ending' })).toEqual({
      type: 'xstate.after.farewell.peer.ending',
    });
  });

  test('an error has its text', () => {
    const event = { type: 'xstate.error.actor.link', actorId: 'link', error: new Error('oops') };
    const text = { ...event, error: 'Error: oops' };
    expect(written(event)).toEqual(text);
    expect(readEvent('peer', text, { hostAnswers: new Map() })).toEqual(text);
  });

  test('a done event has its output, for machines that take it', () => {
    const output = { protocol: 'eth/69', how: 'returned', message: '' };
    const event = { type: 'xstate.done.actor.protocol:eth/69', actorId: 'x', output };
    expect(written(event)).toEqual(event);
    expect(written(event, machineOf('protocol')!)).toEqual({ type: event.type, '?': true });
  });
});

describe('without a form an event is incomplete:', () => {
  test.for([
    ['an unknown event', { type: 'news', secret: 's' }],
    ['an unknown event of XState', { type: 'xstate.news', secret: 's' }],
    ['an event that is not what its type says', { type: 'disconnect.received' }],
  ] as const)('%s', ([, event]) => {
    const text = written(event);
    expect(isWhole(text)).toBe(false);
    expect(JSON.stringify(text)).not.toContain('"s"');
  });

  test('any event of an unknown machine', () => {
    expect(written({ type: 'push', force: 1 }, doorMachine)).toEqual({ type: 'push', '?': true });
  });

  test('an event with a missing object', () => {
    expect(written({ type: 'hello.received' }, machineOf('connection-setup')!)).toEqual({
      type: 'hello.received',
      '?': true,
    });
  });

  test('the input of a dial scheduler with a generator of the user', () => {
    const rules = dialRules();
    const snapshot = { context: { rules } } as unknown as AnyMachineSnapshot;
    const input = { statics: [], bootnodes: [], seed: 1, rules, hasCandidates: false };
    const birth = { type: 'xstate.init', input: { ...input, generator: {} } };
    expect(written(birth, machineOf('dial-scheduler')!, snapshot)).toEqual({
      type: 'xstate.init',
      '?': true,
    });
  });
});

test('an event that the machine does not have is refused', () => {
  const reading = { hostAnswers: new Map() };
  expect(() => readEvent('peer', { type: 'news' }, reading)).toThrow(FormError);
  expect(() => readEvent('peer', { type: 'xstate.news' }, reading)).toThrow(FormError);
});

describe('the host rules of dials', () => {
  const isInNetRestrict = (): boolean => false;
  const outside = { target: target('a'), direction: 'static', mayResolve: false, isInNetRestrict };

  test('are evaluated when an event is written, and read back for the replay', () => {
    const snapshot = { context: outside } as unknown as AnyMachineSnapshot;
    const event = written(
      { type: 'xstate.init', input: outside },
      machineOf('dial-task')!,
      snapshot,
    );
    expect(event).toMatchObject({ input: { target: { host: { isInNetRestrict: false } } } });
    const answers = new Map([['192.0.2.2', { isInNetRestrict: true, isCandidateHost: false }]]);
    const { input } = readEvent('dial-task', event, { hostAnswers: answers }) as unknown as {
      readonly input: DialTaskInput;
    };
    expect(input.isInNetRestrict('192.0.2.1')).toBe(false);
    expect(input.isInNetRestrict('192.0.2.2')).toBe(true);
  });
});

describe('a server that ran before it was observed', () => {
  test('has only its initial event before its start', () => {
    const { actor, send } = runServer();
    const machine = machineOf('server')!;
    expect(initialEventOf(machine, actor.getSnapshot())).toMatchObject({ type: 'xstate.init' });
    send({ type: 'start' });
    expect(initialEventOf(machine, actor.getSnapshot())).toBe(null);
  });

  test('has an unknown past after a failed start', () => {
    const { actor, send, localNode } = runServer();
    send({ type: 'start' });
    localNode.report({ type: 'localNode.failed', message: 'oops' });
    expect(actor.getSnapshot().value).toBe('idle');
    expect(initialEventOf(machineOf('server')!, actor.getSnapshot())).toBe(null);
    expect(initialEventOf(peer, actor.getSnapshot())).toBe(null);
  });
});
