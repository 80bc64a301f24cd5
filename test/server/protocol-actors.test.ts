/** Charts of a protocol handler: they run on the clock of the server, and end with the handler at the latest. */
import { describe, expect, test } from 'vitest';
import { type AnyActor, emit, setup } from 'xstate';
import { Inspection } from '../../src/actors/inspection.ts';
import type { ProtocolTools } from '../../src/api/protocol-tools.ts';
import { RequestTallies } from '../../src/io/link/traffic.ts';
import { MAX_PROTOCOL_ACTORS, ProtocolActors } from '../../src/server/protocol-actors.ts';
import { SILENT } from '../../src/telemetry/server-log.ts';
import { StepClock } from '../support/step-clock.ts';

/** Waits 5 s, then ends. */
const waitMachine = setup({
  types: {
    input: {} as { readonly word: string },
    context: {} as { readonly word: string },
    events: {} as { readonly type: 'go' } | { readonly type: 'break' },
    emitted: {} as { readonly type: 'went' },
    output: {} as string,
  },
  delays: { patience: 5_000 },
  actions: {
    fail: () => {
      throw new Error('on purpose');
    },
    report: emit({ type: 'went' }),
  },
}).createMachine({
  id: 'wait',
  context: ({ input }) => input,
  initial: 'waiting',
  states: {
    waiting: {
      after: { patience: 'over' },
      on: { go: { actions: 'report' }, break: { actions: 'fail' } },
    },
    over: { type: 'final' },
  },
  output: ({ context }) => context.word,
});

function stage() {
  const clock = new StepClock();
  const seen: string[] = [];
  const faults: string[] = [];
  const inspection = new Inspection(() => {});
  inspection.watch({
    onEvent: (event) => {
      if (event.type === '@xstate.actor') seen.push((event.actorRef as AnyActor).id);
    },
    onFound: () => {},
    onRootEnded: (root) => seen.push(`${(root as AnyActor).id} ended`),
  });
  const actors = new ProtocolActors({
    ...{ clock, random: (bytes) => new Uint8Array(bytes), unixTimeMs: () => 7, logger: SILENT },
    ...{ connectionId: '12', inspection, ending: () => null },
    requests: new RequestTallies(),
    onFault: (error, where) => faults.push(`${where}: ${(error as Error).message}`),
  });
  const said: string[] = [];
  const start = (tools: ProtocolTools = actors.tools) =>
    tools.startActor(waitMachine, {
      input: { word: 'done' },
      onSnapshot: ({ value }) => said.push(value),
      onEmitted: ({ type }) => said.push(type),
      onEnd: (ending) => said.push(ending.status),
    });
  return { clock, actors, seen, faults, said, start };
}

describe('a chart of a handler', () => {
  test('runs on the clock of the server, is inspected, and reports its states, what it emits and its end', () => {
    const { clock, seen, said, start } = stage();
    const actor = start();
    actor.send({ type: 'go' });
    clock.advance(4_999);
    expect(said).toEqual(['waiting', 'went', 'waiting']);
    clock.advance(1);
    expect(said.slice(3)).toEqual(['over', 'done']);
    expect(seen).toEqual(['wait:12', 'wait:12 ended']);
    expect([actor.getSnapshot().output, clock.pending]).toEqual(['done', 0]);
  });

  test('is stopped with its handler, and none can be started after that', () => {
    const { clock, actors, said, start } = stage();
    start();
    actors.close();
    actors.close();
    expect([said, clock.pending]).toEqual([['waiting', 'stopped'], 0]);
    expect(start).toThrow('the handler has ended, so that wait cannot be started');
  });

  test('that breaks is reported, and ends alone', () => {
    const { said, faults, start } = stage();
    const other = start();
    start().send({ type: 'break' });
    expect(said).toEqual(['waiting', 'waiting', 'error']);
    expect(faults).toEqual(['wait: on purpose']);
    expect(other.getSnapshot().status).toBe('active');
  });

  test('is one of a bounded number', () => {
    const { clock, start } = stage();
    for (let i = 0; i < MAX_PROTOCOL_ACTORS; i += 1) start();
    expect(start).toThrow(RangeError);
    clock.advance(5_000);
    start();
  });

  test('whose callback throws goes on, and the error is reported', async () => {
    const { clock, actors, faults } = stage();
    const no = (what: string) => () => {
      throw new Error(what);
    };
    actors.tools.startActor(waitMachine, {
      input: { word: '' },
      onSnapshot: no('snapshot'),
      onEmitted: no('emitted'),
      onEnd: async () => no('end')(),
    });
    clock.advance(5_000);
    await Promise.resolve();
    await Promise.resolve();
    expect(faults).toEqual(['wait: snapshot', 'wait: snapshot', 'wait: end']);
  });
});

test('a handler gets clock, time of day, randomness and logger', () => {
  const { clock, actors } = stage();
  expect(actors.tools.clock).toBe(clock);
  expect([actors.tools.unixTimeMs(), actors.tools.random(2), actors.tools.logger]).toEqual([
    7,
    new Uint8Array(2),
    SILENT,
  ]);
});
