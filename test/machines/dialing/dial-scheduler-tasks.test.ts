/** Another generator in place of go-ethereum's, as in its old p2p/server_test.go; and whatever may happen, at random. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { slotsOf } from '../../../src/machines/dialing/dial-check.ts';
import type { DialGenerator, DialRequest } from '../../../src/machines/dialing/dial-generator.ts';
import {
  type DialSchedulerEvent,
  REDIAL_DELAY_MS,
} from '../../../src/machines/dialing/dial-scheduler.ts';
import { dialRules, target } from '../../support/dial-input.ts';
import { ended, peerAdded, removed, runDials } from '../../support/dial-run.ts';

/** Makes these tasks at its first turn, and writes down what is done. */
function scripted(ids: readonly string[], done: string[]): DialGenerator<unknown> {
  const tasks = ids.map(
    (id): DialRequest => ({ target: target(id), direction: 'dynamic', mayResolve: false }),
  );
  return {
    begin: () => tasks,
    newTasks: (state) => ({
      state: [],
      tasks: state as readonly DialRequest[],
      blocked: [],
      candidate: 'none',
    }),
    taskDone: (state, { id }) => {
      done.push(id);
      return { state, resolvePauseMs: null };
    },
    addStatic: (state) => state,
    removeStatic: (state) => state,
    addCandidate: (state) => state,
    resolvePauseOver: (state) => state,
  };
}

const ids = (count: number): string[] => Array.from({ length: count }, (_, n) => `node ${n}`);
const order = ({ reports }: ReturnType<typeof runDials>): string[] =>
  reports.flatMap((report) => (report.type === 'dial.wanted' ? report.target.id : []));

describe('ServerTaskScheduling', () => {
  test('tasks start in their order, and each is reported done', () => {
    const done: string[] = [];
    const run = runDials({ generator: scripted(ids(3), done) });
    expect(order(run)).toEqual(ids(3));
    run.send(ended('node 2'), ended('node 0'), ended('node 1'));
    expect(done).toEqual(['node 2', 'node 0', 'node 1']);
  });

  test('tasks to a peer, and second ones to a node, are dropped', () => {
    const run = runDials({ generator: scripted(['a', 'b', 'a', 'c', 'd', 'e'], []) });
    expect(order(run)).toEqual(['a', 'b', 'c', 'd']);
    run.send(peerAdded('e', 'inbound'), ended('a'));
    expect(order(run)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a task that waits for a node that is removed is dropped', () => {
    const run = runDials({ generator: scripted(['a', 'b', 'c', 'd', 'e', 'f'], []) });
    run.send(removed('e'), ended('a'));
    expect(order(run)).toEqual(['a', 'b', 'c', 'd', 'f']);
  });
});

describe('ServerManyTasks', () => {
  test('300 tasks with a limit of 16: none is lost, none starts twice', () => {
    const done: string[] = [];
    const rules = { maxDialed: 1_000, maxActive: 16 };
    const run = runDials({ rules, generator: scripted(ids(300), done) });
    expect(order(run)).toHaveLength(16);
    for (let next = 0; next < 300; next += 1) run.send(ended(order(run)[next]!));
    expect(order(run)).toEqual(ids(300));
    expect(done).toEqual(ids(300));
  });

  test('the queue is bounded', () => {
    const rules = { maxDialed: 1_000, maxActive: 1 };
    const run = runDials({ rules, generator: scripted(ids(2_000), []) });
    expect(run.actor.getSnapshot().context.queued).toHaveLength(1_000);
  });
});

describe('whatever happens, in whatever order', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
  const step = fc.oneof(
    fc.record({ type: fc.constant('static.add' as const), target: id.map(target) }),
    fc.record({ type: fc.constant('static.remove' as const), id }),
    fc.record({
      type: fc.constant('peer.added' as const),
      id,
      direction: fc.constantFrom('inbound' as const, 'static' as const, 'dynamic' as const),
    }),
    fc.record({ type: fc.constant('peer.removed' as const), id }),
    fc.record({ type: fc.constant('inbound.pending' as const), id }),
    fc.record({ type: fc.constant('inbound.completed' as const), id }),
    fc.record({ type: fc.constant('dial.ended' as const), id }),
    fc.record({ type: fc.constant('candidate.found' as const), target: id.map(target) }),
    fc.record({ type: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
  );

  test.for([false, true])(
    'invariants 5 and 6: no node twice at once or in 35 s, never beyond the slots (exempt: %s)',
    (isStaticExempt) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 80 }), fc.nat(), (steps, seed) => {
          const rules = dialRules({ isStaticExempt });
          const run = runDials({
            rules,
            seed,
            statics: [target('a'), target('b')],
            bootnodes: [target('g'), target('h')],
            hasCandidates: true,
          });
          const dialing = new Map<string, 'static' | 'dynamic'>();
          const peers = new Map<string, 'inbound' | 'static' | 'dynamic'>();
          const begunAt = new Map<string, number>();
          let read = 0;
          const look = (): void => {
            for (const report of run.reports.slice(read)) {
              if (report.type !== 'dial.wanted') continue;
              const { direction } = report;
              const wanted = report.target.id;
              expect(dialing.has(wanted)).toBe(false);
              expect(peers.has(wanted)).toBe(false);
              const begun = begunAt.get(wanted) ?? -REDIAL_DELAY_MS;
              expect(run.clock.now() - begun).toBeGreaterThanOrEqual(REDIAL_DELAY_MS);
              expect(slotsOf({ dialing, peers }, rules)[direction]).toBeGreaterThan(0);
              dialing.set(wanted, direction);
              begunAt.set(wanted, run.clock.now());
            }
            read = run.reports.length;
          };
          look();
          let pulls = 0;
          for (const event of steps) {
            if (event.type === 'time') run.clock.advance(event.ms);
            else if (event.type === 'candidate.found') {
              if (run.source.commands.length <= pulls) continue; // no candidate was asked for
              pulls += 1;
              run.source.report(event);
            } else {
              if (event.type === 'dial.ended') dialing.delete(event.id);
              if (event.type === 'peer.added') peers.set(event.id, event.direction);
              if (event.type === 'peer.removed') peers.delete(event.id);
              if (event.type === 'static.add') begunAt.delete(event.target.id);
              if (event.type === 'static.remove') begunAt.delete(event.id);
              run.send(event satisfies DialSchedulerEvent);
            }
            look();
          }
          run.send({ type: 'stop' });
          run.clock.advance(4_000);
          expect([run.isOver(), run.clock.pending, run.source.live]).toEqual([true, 0, 0]);
        }),
        { numRuns: 150, seed: 11 },
      );
    },
  );
});
