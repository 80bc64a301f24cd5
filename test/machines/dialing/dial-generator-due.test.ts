/** The generator keeps which static nodes are due: its choices are those of one that looks at all of them each time. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { checkDial, isShareTaken } from '../../../src/machines/dialing/dial-check.ts';
import {
  type DialGenerator,
  type DialPlan,
  type DialSituation,
  type DialState,
  dialGenerator,
  MAX_CHANGED,
} from '../../../src/machines/dialing/dial-generator.ts';
import { MAX_STATIC_NODES } from '../../../src/machines/dialing/dial-scheduler.ts';
import type { DialTarget } from '../../../src/machines/dialing/dial-task.ts';
import { draw } from '../../../src/machines/dialing/seeded-draw.ts';
import { target } from '../../support/dial-input.ts';
import {
  added,
  completed,
  type DialRun,
  ended,
  peerAdded,
  peerRemoved,
  pending,
  removed,
  runDials,
  statics,
} from '../../support/dial-run.ts';

/** Asks the real generator, and notes each plan that differs from that of a filter over all static nodes. */
function checked(differences: string[]): DialGenerator<unknown> {
  const generator: DialGenerator<DialState> = {
    ...dialGenerator,
    newTasks(state, situation) {
      const plan = dialGenerator.newTasks(state, situation);
      const expected = choices(state, situation);
      const actual = {
        tasks: plan.tasks.filter(({ direction }) => direction === 'static').map(idOf),
        waiting: (plan.waiting ?? []).map(({ id }) => id),
      };
      if (JSON.stringify(actual) !== JSON.stringify(expected))
        differences.push(`${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
      return plan;
    },
  };
  return generator as DialGenerator<unknown>;
}

const idOf = ({ target: { id } }: { readonly target: DialTarget }): string => id;

function choices({ statics: nodes, rules, seed }: DialState, situation: DialSituation) {
  const due = [...nodes.values()].filter(
    (node) => checkDial(node.target, situation, rules) === null,
  );
  if (isShareTaken(situation, rules)) return { tasks: [], waiting: due.map(idOf) };
  const { drawn } = draw(due, Math.max(0, situation.slots.static), seed);
  return { tasks: drawn.map(idOf), waiting: [] };
}

const ids = fc.integer({ min: 0, max: 11 }).map((n) => `${n}`);

/** Each is something that may happen to one node, or to all of them. */
const HAPPENINGS = {
  added: (run: DialRun, id) => run.send(added(id)),
  moved: (run, id) =>
    run.send({ type: 'static.add', target: { ...target(id), host: '198.51.100.9' } }),
  blocked: (run, id) =>
    run.send({ type: 'static.add', target: { ...target(id), host: '203.0.113.9' } }),
  removed: (run, id) => run.send(removed(id)),
  calls: (run, id) => run.send(pending(id)),
  called: (run, id) => run.send(completed(id)),
  joins: (run, id) => run.send(peerAdded(id, 'inbound')),
  joinsByDial: (run, id) => run.send(peerAdded(id, 'static')),
  leaves: (run, id) => run.send(peerRemoved(id)),
  dialEnds: (run, id) => run.send(ended(id)),
  nodeMoves: (run, id) =>
    run.send({
      type: 'dial.ended',
      id,
      resolution: { type: 'found', host: `198.51.100.${id}`, port: 30_303 },
    }),
  nodeMovesOutside: (run, id) =>
    run.send({
      type: 'dial.ended',
      id,
      resolution: { type: 'found', host: '203.0.113.9', port: 30_303 },
    }),
  time: (run) => run.clock.advance(12_000),
} satisfies Record<string, (run: DialRun, id: string) => void>;

const happenings = fc.array(
  fc.tuple(fc.constantFrom(...(Object.keys(HAPPENINGS) as (keyof typeof HAPPENINGS)[])), ids),
  { minLength: 20, maxLength: 150, size: 'max' },
);

const rules = fc.record({
  maxDialed: fc.integer({ min: 1, max: 6 }),
  maxActive: fc.integer({ min: 1, max: 4 }),
  isStaticExempt: fc.boolean(),
  canResolve: fc.boolean(),
});

describe('which static nodes are due', () => {
  test('is the same as by looking at all of them, after anything that may happen', () => {
    fc.assert(
      fc.property(rules, fc.uniqueArray(ids), happenings, (given, first, history) => {
        const differences: string[] = [];
        const run = runDials({
          rules: { ...given, isInNetRestrict: (host) => !host.startsWith('203.') },
          generator: checked(differences),
          ...statics(...first),
        });
        for (const [what, id] of history) HAPPENINGS[what](run, id);
        expect(differences).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('is the same when more change at once than are noted', () => {
    const differences: string[] = [];
    const many = Array.from({ length: 3 * MAX_CHANGED }, (_, n) => `node ${n}`);
    const run = runDials({
      rules: { maxDialed: 2, maxActive: 1 },
      generator: checked(differences),
      ...statics(...many.slice(0, 2 * MAX_CHANGED)),
    });
    for (const id of many) run.send(peerAdded(id, 'inbound'));
    for (const id of many) run.send(added(id));
    for (const id of many.slice(MAX_CHANGED)) run.send(peerRemoved(id));
    expect(differences).toEqual([]);
    expect(run.fresh()).not.toEqual([]);
  });

  test('a change of one node of a thousand makes the generator check that one', () => {
    const many = Array.from({ length: MAX_STATIC_NODES }, (_, n) => `node ${n}`);
    let checks = 0;
    const isInNetRestrict = (): boolean => {
      checks += 1;
      return true;
    };
    const run = runDials({
      rules: { maxDialed: 2 * many.length, maxActive: many.length, isInNetRestrict },
      ...statics(...many),
    });
    for (const id of many) run.send(peerAdded(id), ended(id));
    run.clock.advance(60_000);
    run.fresh();
    checks = 0;
    run.send(peerRemoved('node 500'));
    expect(run.fresh()).toEqual(['node 500']);
    expect(checks).toBeLessThan(10);
  });

  test('a generator that is asked without the changes looks at all of them', () => {
    const input = { rules: RULES, bootnodes: [], seed: 1, statics: ['a', 'b'].map(target) };
    const facts = {
      dialing: new Map(),
      recent: new Set<string>(),
      backingOff: new Map(),
      pendingInbound: new Map(),
    };
    const asked = (state: DialState, peers: readonly string[]): DialPlan<DialState> =>
      dialGenerator.newTasks(state, {
        ...facts,
        peers: new Map(peers.map((id) => [id, 'inbound'] as const)),
        slots: { static: 4, dynamic: 4 },
        isFallback: false,
      });
    const first = asked(dialGenerator.begin(input), ['a', 'b']);
    expect(first.tasks).toEqual([]);
    expect(asked(first.state, ['b']).tasks.map(idOf)).toEqual(['a']);
  });
});

const RULES = {
  self: 'us',
  maxDialed: 10,
  maxActive: 10,
  isStaticExempt: false,
  backsOff: true,
  maxInbound: 4,
  churns: false,
  canResolve: false,
  isInNetRestrict: () => true,
  isCandidateHost: () => true,
};
