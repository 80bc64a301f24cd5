import { describe, expect, test } from 'vitest';
import { fromCallback } from 'xstate';

import type { localNodeMachine } from '../../../src/machines/discovery/local-node.ts';
import type { listenerMachine } from '../../../src/machines/listening/listener.ts';
import { serverMachine } from '../../../src/machines/server/server.ts';
import {
  LISTENING_TIMEOUT_MS,
  LOCAL_NODE_TIMEOUT_MS,
} from '../../../src/machines/server/server-setup.ts';
import { brokenActor } from '../../support/broken-actor.ts';
import { runMachine } from '../../support/run-machine.ts';
import {
  address,
  asked,
  bound,
  dialSchedulerDone,
  emittedTypes,
  listenerDone,
  localNodeDone,
  ready,
  runServer,
  runServerTo,
  type ServerRun,
  serverInput,
} from '../../support/server-run.ts';

describe('start', () => {
  test('begins no part before `start`', () => {
    const run = runServer();
    expect(run.state()).toBe('idle');
    expect([run.localNode.live, run.listener.live, run.dialScheduler.live]).toEqual([0, 0, 0]);
  });

  test('goes step by step: local node, listener, dial scheduler', () => {
    const run = runServer();
    run.send({ type: 'start' });
    expect(run.state()).toBe('starting.localNode');
    expect([run.localNode.live, run.listener.live]).toEqual([1, 0]);

    run.localNode.report(ready);
    expect(run.state()).toBe('starting.listening');
    expect(run.listener.inputs).toEqual([{ address: asked, slots: 2 }]);
    expect(run.dialScheduler.live).toBe(0);

    run.listener.report(bound);
    expect(run.phases().slice(-2)).toEqual(['starting.dialing', 'running']);
    expect(run.dialScheduler.inputs).toEqual([serverInput().dial]);
    expect(run.emitted).toEqual([{ type: 'started', address }]);
    expect(run.parts()).toEqual({
      localNode: 'live',
      listener: 'live',
      discovery: 'absent',
      discoveryV5: 'absent',
      portMapping: 'absent',
      dialScheduler: 'live',
    });
    expect(run.clock.pending).toBe(0);
  });

  test('skips listening when listening is disabled', () => {
    const run = runServer({ listen: null });
    run.send({ type: 'start' });
    run.localNode.report(ready);
    expect(run.state()).toBe('running');
    expect(run.phases()).not.toContain('starting.listening');
    expect(run.listener.inputs).toEqual([]);
    expect(run.emitted).toEqual([{ type: 'started', address: null }]);
  });

  test('is done once: a second start is ignored', () => {
    for (const state of ['starting.localNode', 'starting.listening', 'running'] as const) {
      const run = runServerTo(state);
      const { length } = run.journal;
      run.send({ type: 'start' });
      expect(run.state()).toBe(state);
      expect(run.journal).toHaveLength(length);
    }
  });
});

/** Each way in which a start fails, and what is reported. */
const FAILURES: [sentence: string, fail: () => ServerRun, step: string, message: string][] = [
  [
    'the local node fails',
    () => {
      const run = runServerTo('starting.localNode');
      run.localNode.report({ type: 'localNode.failed', message: 'no key' });
      return run;
    },
    'localNode',
    'no key',
  ],
  [
    'the local node takes 10 s',
    () => {
      const run = runServerTo('starting.localNode');
      run.clock.advance(LOCAL_NODE_TIMEOUT_MS);
      return run;
    },
    'localNode',
    'the local node was not ready in time',
  ],
  [
    'the listener fails',
    () => {
      const run = runServerTo('starting.listening');
      run.listener.report({ type: 'listener.failed', message: 'EADDRINUSE' });
      return run;
    },
    'listening',
    'EADDRINUSE',
  ],
  [
    'the listener takes 6 s and closes again',
    () => {
      const run = runServerTo('starting.listening');
      run.clock.advance(LISTENING_TIMEOUT_MS);
      run.listener.report(listenerDone);
      return run;
    },
    'listening',
    'the address was not bound in time',
  ],
  [
    'the listener takes 6 s and does not even close',
    () => {
      const run = runServerTo('starting.listening');
      run.clock.advance(2 * LISTENING_TIMEOUT_MS);
      return run;
    },
    'listening',
    'the address was not bound in time',
  ],
];

describe('quirk 1: a start that fails', () => {
  for (const [sentence, fail, step, message] of FAILURES)
    test(`because ${sentence}: everything is undone, and it may be started again`, () => {
      const run = fail();
      expect(run.state()).toBe('idle');
      expect(run.emitted).toEqual([
        { type: 'pending.aborted' },
        { type: 'start.failed', step, message },
      ]);
      expect([run.localNode.live, run.listener.live, run.dialScheduler.live]).toEqual([0, 0, 0]);
      expect(run.clock.pending).toBe(0);
      expect(run.parts()).toBeNull();
      expect(run.actor.getSnapshot().context.address).toBeNull();

      run.send({ type: 'start' });
      run.localNode.report(ready);
      run.listener.report(bound);
      expect(run.state()).toBe('running');
      expect(run.emitted.at(-1)).toEqual({ type: 'started', address });
      expect([run.localNode.live, run.listener.live, run.dialScheduler.live]).toEqual([1, 1, 1]);
    });

  test('ends the parts in reverse order', () => {
    const run = runServerTo('starting.listening');
    run.clock.advance(LISTENING_TIMEOUT_MS);
    expect(run.state()).toBe('rollingBack.listening');
    expect(run.journal).toEqual(['listener < close']);
    expect([run.localNode.live, run.listener.live]).toEqual([1, 1]);
    run.listener.report(listenerDone);
    expect(run.journal).toEqual([
      'listener < close',
      'listener ended',
      'localNode < close',
      'localNode ended',
      'pending.aborted',
      'start.failed',
    ]);
  });

  test('a second time is reported with the second reason', () => {
    const run = runServerTo('starting.localNode');
    run.localNode.report({ type: 'localNode.failed', message: 'first' });
    run.send({ type: 'start' });
    run.localNode.report({ type: 'localNode.failed', message: 'second' });
    expect(run.emitted.at(-1)).toMatchObject({ type: 'start.failed', message: 'second' });
  });

  test('ignores late reports of the local node', () => {
    const run = runServerTo('starting.localNode');
    run.clock.advance(LOCAL_NODE_TIMEOUT_MS);
    run.localNode.report(ready);
    expect(run.state()).toBe('idle');
  });
});

describe('a report that no state waits for', () => {
  for (const state of ['running', 'stopping'] as const)
    test(`is ignored while ${state}`, () => {
      const run = runServerTo(state);
      const { length } = run.journal;
      run.localNode.report(ready);
      run.localNode.report({ type: 'localNode.failed', message: 'late' });
      run.listener.report({ type: 'listener.failed', message: 'late' });
      expect(run.state()).toMatch(new RegExp(`^${state}`));
      expect(run.journal).toHaveLength(length);
    });
});

describe('the parts', () => {
  const [absent, live, gone] = ['absent', 'live', 'gone'] as const;
  test.for([
    [
      'starting.localNode',
      {
        localNode: live,
        listener: absent,
        discovery: absent,
        discoveryV5: absent,
        portMapping: absent,
        dialScheduler: absent,
      },
    ],
    [
      'starting.listening',
      {
        localNode: live,
        listener: live,
        discovery: absent,
        discoveryV5: absent,
        portMapping: absent,
        dialScheduler: absent,
      },
    ],
    [
      'rollingBack.listening',
      {
        localNode: live,
        listener: live,
        discovery: absent,
        discoveryV5: absent,
        portMapping: absent,
        dialScheduler: absent,
      },
    ],
    [
      'running',
      {
        localNode: live,
        listener: live,
        discovery: absent,
        discoveryV5: absent,
        portMapping: absent,
        dialScheduler: live,
      },
    ],
  ] as const)('in %s, their states show which are live', ([state, parts]) => {
    expect(runServerTo(state).parts()).toEqual(parts);
  });

  test('a part that was not begun before a stop stays absent', () => {
    const run = runServerTo('starting.listening');
    run.send({ type: 'stop' });
    expect(run.state()).toBe('stopping.listening');
    expect(run.parts()).toEqual({
      localNode: live,
      listener: live,
      discovery: absent,
      discoveryV5: absent,
      portMapping: absent,
      dialScheduler: absent,
    });
    expect(run.dialScheduler.inputs).toEqual([]);
  });

  test('a part that has ended while another one stops is gone', () => {
    const run = runServerTo('stopping');
    run.dialScheduler.report(dialSchedulerDone);
    expect(run.parts()).toEqual({
      localNode: live,
      listener: live,
      discovery: absent,
      discoveryV5: absent,
      portMapping: absent,
      dialScheduler: gone,
    });
  });
});

describe('deadlines of a start', () => {
  test('the local node has 10 s', () => {
    const run = runServerTo('starting.localNode');
    run.clock.advance(9_999);
    expect(run.state()).toBe('starting.localNode');
    run.clock.advance(1);
    expect(run.state()).toBe('idle');
  });

  test('the listener has 6 s to bind and 6 s to close again', () => {
    const run = runServerTo('starting.listening');
    run.clock.advance(5_999);
    expect(run.state()).toBe('starting.listening');
    run.clock.advance(1);
    expect(run.state()).toBe('rollingBack.listening');
    run.clock.advance(5_999);
    expect(run.state()).toBe('rollingBack.listening');
    run.clock.advance(1);
    expect(run.state()).toBe('idle');
  });
});

describe('a part that breaks while starting', () => {
  test('fails the start at once when it is the local node', () => {
    const localNode = brokenActor() as unknown as typeof localNodeMachine;
    const run = runMachine(serverMachine.provide({ actors: { localNode } }), serverInput());
    run.send({ type: 'start' });
    expect(run.state()).toBe('idle');
    expect(emittedTypes(run)).toContain('start.failed');
  });

  test('fails the start at once when it is the listener', () => {
    const localNode = fromCallback(({ sendBack, receive }) => {
      sendBack(ready);
      receive(() => sendBack(localNodeDone));
    }) as unknown as typeof localNodeMachine;
    const listener = brokenActor() as unknown as typeof listenerMachine;
    const machine = serverMachine.provide({ actors: { localNode, listener } });
    const run = runMachine(machine, serverInput());
    run.send({ type: 'start' });
    expect(run.state()).toBe('idle');
    expect(emittedTypes(run)).toContain('start.failed');
  });
});
