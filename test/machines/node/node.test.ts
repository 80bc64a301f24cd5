import { describe, expect, test } from 'vitest';
import type { NodeReport } from '../../../src/io/adapters/node-parts.ts';
import {
  API_CLOSING_TIMEOUT_MS,
  API_OPENING_TIMEOUT_MS,
  DIRECTORY_TIMEOUT_MS,
  INTERRUPT_TIMEOUT_MS,
  nodeMachine,
  SERVER_CREATION_TIMEOUT_MS,
  SERVER_START_TIMEOUT_MS,
  SERVER_STOP_TIMEOUT_MS,
  SERVICE_CREATION_TIMEOUT_MS,
  SERVICE_START_TIMEOUT_MS,
  SERVICE_STOP_TIMEOUT_MS,
} from '../../../src/machines/node/node.ts';
import { brokenActor } from '../../support/broken-actor.ts';
import { BROKEN, runNode, SERVER_ENDED, START } from '../../support/node-run.ts';
import { runMachine } from '../../support/run-machine.ts';

const DIRECTORY = ['directory.release'];
const SERVER = ['server.stop', ...DIRECTORY];
const ALL = ['api.close 1', 'api.close 0', 'service.stop 1', 'service.stop 0', ...SERVER];

/** For each step of `START`: its state, how it fails, its time limit, and what undoes the steps before it. */
const STEPS: readonly (readonly [
  state: string,
  failure: NodeReport['type'],
  limitMs: number,
  late: string,
  undoing: readonly string[],
])[] = [
  [
    'preparing',
    'directory.failed',
    DIRECTORY_TIMEOUT_MS,
    'the data directory was not read',
    DIRECTORY,
  ],
  [
    'creatingServices',
    'service.failed',
    SERVICE_CREATION_TIMEOUT_MS,
    'services[0] was not made',
    DIRECTORY,
  ],
  [
    'creatingServices',
    'service.failed',
    SERVICE_CREATION_TIMEOUT_MS,
    'services[1] was not made',
    DIRECTORY,
  ],
  ['creatingServer', 'server.failed', SERVER_CREATION_TIMEOUT_MS, 'onServer did not end', SERVER],
  ['startingServer', 'server.failed', SERVER_START_TIMEOUT_MS, 'the server did not start', SERVER],
  [
    'startingServices',
    'service.failed',
    SERVICE_START_TIMEOUT_MS,
    'services[0] did not start',
    SERVER,
  ],
  [
    'startingServices',
    'service.failed',
    SERVICE_START_TIMEOUT_MS,
    'services[1] did not start',
    ['service.stop 0', ...SERVER],
  ],
  ['openingApis', 'api.failed', API_OPENING_TIMEOUT_MS, 'apis[0] did not open', ALL.slice(2)],
  ['openingApis', 'api.failed', API_OPENING_TIMEOUT_MS, 'apis[1] did not open', ALL.slice(1)],
];

describe('a node', () => {
  test('does one step after the other, and ends them in reverse', () => {
    const run = runNode();
    run.start();
    run.report(...START);
    expect(run.commands()).toEqual([
      'directory.open',
      'service.create 0',
      'service.create 1',
      'server.create',
      'server.start',
      'service.start 0',
      'service.start 1',
      'api.open 0',
      'api.open 1',
    ]);
    expect(run.state()).toBe('active.running');
    expect(run.clock.pending).toBe(0);
    run.parts.commands.length = 0;
    run.stop();
    run.undo();
    expect(run.commands()).toEqual(ALL);
    expect(run.state()).toBe('idle');
    expect(run.emitted).toEqual([{ type: 'started' }, { type: 'stopped', stopFaults: [] }]);
    expect([run.parts.live, run.clock.pending]).toEqual([0, 0]);
  });

  test('starts again, with nothing of the run before', () => {
    const run = runNode();
    run.startUpTo();
    run.report(SERVER_ENDED);
    run.undo();
    expect(run.emitted.at(-1)).toEqual({ type: 'stopped', stopFaults: [SERVER_ENDED.fault] });
    run.startUpTo();
    expect(run.context()).toEqual({
      ...{ services: 2, apis: 2, created: 2, started: 2, opened: 2 },
      ...{ fault: null, stopFaults: [] },
    });
    run.stop();
    run.undo();
    run.send({ type: 'close' });
    expect(run.isOver()).toBe(true);
  });

  test('without services and APIs has their steps done at once', () => {
    const run = runNode({ services: 0, apis: 0 });
    run.start();
    run.report(
      { type: 'directory.opened' },
      { type: 'server.created' },
      { type: 'server.started' },
    );
    expect(run.state()).toBe('active.running');
    run.stop();
    run.undo();
    expect(run.commands()).toEqual(['directory.open', 'server.create', 'server.start', ...SERVER]);
  });

  test('does nothing for what was asked of it before, or comes too late', () => {
    const run = runNode();
    run.stop();
    expect(run.state()).toBe('idle');
    run.startUpTo();
    run.start();
    run.send({ type: 'close' });
    expect(run.state()).toBe('active.running');
    run.stop();
    run.stop();
    run.report(SERVER_ENDED);
    run.undo();
    expect(run.emitted.at(-1)).toEqual({ type: 'stopped', stopFaults: [] });
  });
});

describe('a step of the start', () => {
  for (const [index, [state, failure, limitMs, late, undoing]] of STEPS.entries()) {
    const { type: done } = START[index]!;
    test(`${state}: what is done before ${done} is undone in reverse when it fails`, () => {
      const run = runNode();
      run.startUpTo(index);
      expect(run.state()).toBe(`active.starting.${state}`);
      run.report({ type: failure, fault: BROKEN } as NodeReport);
      run.stop(); // is under way
      run.undo();
      expect(run.commands()).toEqual(undoing);
      expect(run.state()).toBe('idle');
      expect(run.emitted).toEqual([{ type: 'start.failed', fault: BROKEN, stopFaults: [] }]);
    });

    test(`${state}: and in the same way when ${done} does not come in ${limitMs} ms`, () => {
      const run = runNode();
      run.startUpTo(index);
      run.clock.advance(limitMs - 1);
      expect(run.state()).toBe(`active.starting.${state}`);
      run.clock.advance(1);
      run.undo();
      expect(run.commands()).toEqual(undoing);
      const [failed] = run.emitted;
      expect(failed).toMatchObject({
        type: 'start.failed',
        fault: { message: `${late} within ${limitMs / 1_000} s` },
      });
    });

    test(`${state}: a stop waits for ${done}, and undoes it too`, () => {
      for (const end of ['done', 'failed', 'late'] as const) {
        const run = runNode();
        run.startUpTo(index);
        run.stop();
        expect(run.state()).toBe('active.interrupting');
        run.stop();
        if (end === 'done') run.report(START[index]!);
        else if (end === 'failed') run.report({ type: failure, fault: BROKEN } as NodeReport);
        else run.clock.advance(INTERRUPT_TIMEOUT_MS);
        run.undo();
        const begun = STEPS[index + 1]?.[4] ?? ALL;
        const expected = end === 'done' ? begun : undoing;
        const [last] = DIRECTORY;
        const before = expected.filter((command) => command !== last && command !== 'server.stop');
        expect(run.commands()).toEqual(['interrupt', ...before, ...SERVER]);
        expect(run.emitted).toEqual([{ type: 'stopped', stopFaults: [] }]);
      }
    });
  }

  test('ends too when the server ends by itself', () => {
    for (const [steps, undoing] of [
      [5, SERVER],
      [6, ['service.stop 0', ...SERVER]],
      [7, ALL.slice(2)],
      [8, ALL.slice(1)],
    ] as const) {
      const run = runNode();
      run.startUpTo(steps);
      run.report(SERVER_ENDED);
      run.undo();
      expect(run.commands()).toEqual(undoing);
      expect(run.emitted).toMatchObject([{ type: 'start.failed', fault: SERVER_ENDED.fault }]);
    }
  });
});

describe('a step of the stop', () => {
  const LIMITS = [
    ...[API_CLOSING_TIMEOUT_MS, API_CLOSING_TIMEOUT_MS],
    ...[SERVICE_STOP_TIMEOUT_MS, SERVICE_STOP_TIMEOUT_MS],
    ...[SERVER_STOP_TIMEOUT_MS, DIRECTORY_TIMEOUT_MS],
  ];

  test('that fails is noted, and the next one follows', () => {
    const run = runNode();
    run.startUpTo();
    run.stop();
    const faults = ALL.map((message) => ({ ...BROKEN, message }));
    const answers = ['api.closed', 'api.closed', 'service.stopped', 'service.stopped'] as const;
    for (const [i, type] of [...answers, 'server.stopped', 'directory.released'].entries())
      run.report({ type, fault: faults[i] } as NodeReport);
    expect(run.commands()).toEqual(ALL);
    expect(run.emitted.at(-1)).toEqual({ type: 'stopped', stopFaults: faults });
    expect(run.state()).toBe('idle');
  });

  test('that never ends loses its time, and the next one follows', () => {
    for (const isRollback of [false, true]) {
      const run = runNode();
      run.startUpTo(isRollback ? START.length - 1 : START.length);
      if (isRollback) run.report({ type: 'api.failed', fault: BROKEN });
      else run.stop();
      const expected = isRollback ? ALL.slice(1) : ALL;
      for (const [i, limitMs] of (isRollback ? LIMITS.slice(1) : LIMITS).entries()) {
        expect(run.commands()).toEqual(expected.slice(0, i + 1));
        run.clock.advance(limitMs - 1);
        expect(run.commands()).toEqual(expected.slice(0, i + 1));
        run.clock.advance(1);
      }
      expect(run.state()).toBe('idle');
      const [end] = run.emitted.slice(-1);
      expect(end?.type).toBe(isRollback ? 'start.failed' : 'stopped');
      const messages = [
        ...['apis[1] did not close within 2 s', 'apis[0] did not close within 2 s'],
        ...['services[1] did not stop within 10 s', 'services[0] did not stop within 10 s'],
        ...[
          'the server did not stop within 10 s',
          'the data directory was not released within 10 s',
        ],
      ].slice(isRollback ? 1 : 0);
      expect(end).toMatchObject({ stopFaults: messages.map((message) => ({ message })) });
    }
  });
});

test('parts that break end the run', () => {
  const machine = nodeMachine.provide({ actors: { parts: brokenActor() as never } });
  const run = runMachine(machine, { services: 0, apis: 0 });
  run.send({ type: 'start' });
  expect(run.state()).toBe('idle');
  expect(run.emitted).toMatchObject([{ type: 'stopped', stopFaults: [{ kind: 'internal' }] }]);
});
