import { describe, expect, test } from 'vitest';

import type { Direction } from '../../../src/machines/connection/connection.ts';
import { type DialDirection, slotsOf } from '../../../src/machines/dialing/dial-check.ts';
import {
  type DialSituation,
  type DialState,
  dialGenerator,
  MAX_RESOLVE_PAUSE_MS,
  RESOLVE_PAUSE_MS,
} from '../../../src/machines/dialing/dial-generator.ts';
import type { DialTarget } from '../../../src/machines/dialing/dial-task.ts';
import { type DialOverrides, dialInput, dialRules, target } from '../../support/dial-input.ts';

type Known = {
  readonly dialing?: readonly (readonly [string, DialDirection])[];
  readonly recent?: readonly string[];
  readonly peers?: readonly (readonly [string, Direction])[];
  readonly isFallback?: boolean;
};

/** The moment of a server with these rules. */
function moment(known: Known = {}, rules = dialRules()): DialSituation {
  const { dialing = [], recent = [], peers = [], isFallback = false } = known;
  const facts = {
    dialing: new Map(dialing),
    recent: new Set(recent),
    backingOff: new Map(),
    peers: new Map(peers),
    pendingInbound: new Map(),
  };
  return { ...facts, isFallback, slots: slotsOf(facts, rules) };
}

const begin = (overrides: DialOverrides): DialState => dialGenerator.begin(dialInput(overrides));
const statics = (...ids: string[]) => ({ statics: ids.map(target) });
const idsOf = (state: DialState, at: DialSituation = moment()): string[] =>
  dialGenerator.newTasks(state, at).tasks.map((task) => task.target.id);

describe('static nodes', () => {
  const cases: [sentence: string, state: DialState, known: Known, ids: string[]][] = [
    ['none, when none is known', begin({}), {}, []],
    ['all of them', begin(statics('b', 'a')), {}, ['a', 'b']],
    [
      'those that are due',
      begin(statics('a', 'b', 'c', 'd')),
      { recent: ['a'], dialing: [['b', 'static']] },
      ['c', 'd'],
    ],
    ['none, when all are connected', begin(statics('a')), { peers: [['a', 'inbound']] }, []],
    ['never ourselves', begin(statics('us', 'a')), {}, ['a']],
  ];
  for (const [sentence, state, known, ids] of cases)
    test(sentence, () => expect(idsOf(state, moment(known)).sort()).toEqual(ids));

  test('no more than there are slots', () => {
    expect(idsOf(begin(statics('a', 'b', 'c', 'd', 'e', 'f')))).toHaveLength(4);
    const full = (['1', '2', '3', '4', '5'] as const).map((id) => [id, 'static'] as const);
    expect(idsOf(begin(statics('a')), moment({ dialing: full }))).toEqual([]);
  });

  test('are dialled as static, at the address that was given', () => {
    expect(dialGenerator.newTasks(begin(statics('a')), moment()).tasks).toEqual([
      { target: target('a'), direction: 'static', mayResolve: false },
    ]);
  });

  test('that are blocked are reported once, and keep their reason', () => {
    const outside = { isInNetRestrict: (host: string) => host !== '192.0.2.1' };
    const state = begin({ rules: outside, ...statics('us', 'a') });
    const first = dialGenerator.newTasks(state, moment());
    expect(first.blocked).toEqual([
      { target: target('us'), why: 'self' },
      { target: target('a'), why: 'notInNetRestrict' },
    ]);
    expect(dialGenerator.newTasks(first.state, moment()).blocked).toEqual([]);
    expect(first.state.statics.get('a')?.block).toBe('notInNetRestrict');
  });

  test('that are blocked may move: then they are dialled, and reported again if they move back', () => {
    const outside = { isInNetRestrict: (host: string) => host !== '192.0.2.1' };
    const told = dialGenerator.newTasks(begin({ rules: outside, ...statics('a') }), moment()).state;
    const moved = dialGenerator.addStatic(told, { ...target('a'), host: '198.51.100.7' });
    expect(idsOf(moved)).toEqual(['a']);
    const back = dialGenerator.addStatic(moved, target('a'));
    expect(dialGenerator.newTasks(back, moment()).blocked).toHaveLength(1);
    const movedAgain = dialGenerator.addStatic(back, { ...target('a'), host: '198.51.100.7' });
    expect(dialGenerator.newTasks(movedAgain, moment()).blocked).toEqual([]);
    const twice = dialGenerator.addStatic(back, target('a'));
    expect(dialGenerator.newTasks(twice, moment()).blocked).toHaveLength(1);
    const gone = dialGenerator.removeStatic(back, 'a');
    expect(dialGenerator.newTasks(gone, moment()).blocked).toEqual([]);
  });
});

describe('DialSchedManyStaticNodes', () => {
  const many = Array.from({ length: 2_000 }, (_, n) => target(`node ${n}`));
  const rules = dialRules({ maxDialed: 10, maxActive: 10 });

  test('are drawn at random, and by the seed', () => {
    const picks = (seed: number) =>
      idsOf(begin({ rules, statics: many, seed }), moment({}, rules)).map((id) => id.slice(5));
    expect(picks(1)).toEqual(picks(1));
    expect(picks(1)).not.toEqual(picks(2));
    expect(new Set(picks(1)).size).toBe(10);
    expect(picks(1).filter((n) => Number(n) >= 10).length).toBeGreaterThan(5);
  });

  test('the next turn draws others', () => {
    const first = dialGenerator.newTasks(begin({ rules, statics: many }), moment({}, rules));
    expect(idsOf(first.state, moment({}, rules))).not.toEqual(
      first.tasks.map((task) => task.target.id),
    );
  });
});

describe('bootnodes', () => {
  const state = begin({ bootnodes: ['x', 'y', 'z'].map(target) });
  const fallback = (known: Known = {}) => moment({ isFallback: true, ...known });

  test('are not dialled outside fallback', () => expect(idsOf(state)).toEqual([]));

  test('are dialled one by one in their order, and again from the first', () => {
    const seen: string[] = [];
    let book = state;
    for (let turn = 0; turn < 4; turn += 1) {
      const plan = dialGenerator.newTasks(book, fallback());
      seen.push(...plan.tasks.map((task) => `${task.direction} ${task.target.id}`));
      book = plan.state;
    }
    expect(seen).toEqual(['dynamic x', 'dynamic y', 'dynamic z', 'dynamic x']);
  });

  test('one at a time', () => {
    expect(idsOf(state, fallback({ dialing: [['y', 'dynamic']] }))).toEqual([]);
  });

  test('recently dialled ones are skipped', () => {
    expect(idsOf(state, fallback({ recent: ['x'] }))).toEqual(['y']);
    expect(idsOf(state, fallback({ recent: ['x', 'y', 'z'] }))).toEqual([]);
  });

  test('after static nodes, and not twice when they are the same', () => {
    const both = begin({ ...statics('a', 'x'), bootnodes: [target('x')] });
    expect(idsOf(both, fallback()).sort()).toEqual(['a', 'x']);
    const full = begin({ ...statics('a', 'b', 'c', 'd'), bootnodes: [target('x')] });
    expect(idsOf(full, fallback())).not.toContain('x');
  });
});

describe('candidates', () => {
  const waiting = (overrides: DialOverrides = {}, id = 'c') =>
    dialGenerator.addCandidate(begin(overrides), target(id));
  const what = (state: DialState, at = moment()) => dialGenerator.newTasks(state, at).candidate;

  test('are wanted when a slot is left', () => {
    expect(what(begin({}))).toBe('wanted');
    expect(what(begin(statics('a', 'b', 'c')))).toBe('wanted');
    expect(what(begin(statics('a', 'b', 'c', 'd')))).toBe('none');
    const bootnodes = [target('x')];
    expect(
      what(begin({ ...statics('a', 'b', 'c'), bootnodes }), moment({ isFallback: true })),
    ).toBe('none');
  });

  test('are dialled, and the next one is wanted if there is a slot for it too', () => {
    const plan = dialGenerator.newTasks(waiting(), moment());
    expect(plan.tasks).toEqual([{ target: target('c'), direction: 'dynamic', mayResolve: false }]);
    expect([plan.candidate, plan.state.candidate]).toEqual(['wanted', null]);
    expect(what(waiting(statics('a', 'b', 'd')))).toBe('none');
  });

  test('wait when there is no slot, and are not lost', () => {
    const plan = dialGenerator.newTasks(waiting(statics('a', 'b', 'd', 'e')), moment());
    expect([plan.candidate, plan.state.candidate?.id]).toEqual(['none', 'c']);
    expect(plan.tasks.map((task) => task.target.id)).not.toContain('c');
  });

  test('that are skipped are counted by reason', () => {
    const refused = (state: DialState, known: Known = {}) => {
      const plan = dialGenerator.newTasks(state, moment(known));
      expect([plan.candidate, plan.state.candidate]).toEqual(['skipped', null]);
      return plan.state;
    };
    const once = refused(waiting(), { recent: ['c'] });
    const twice = refused(dialGenerator.addCandidate(once, target('d')), { recent: ['d'] });
    expect(twice.skipped).toEqual({ recentlyDialed: 2 });
    expect(refused(waiting({ rules: { isCandidateHost: () => false } })).skipped).toEqual({
      notCandidateHost: 1,
    });
  });

  test('that are static nodes are not dialled twice in one turn', () => {
    const plan = dialGenerator.newTasks(waiting(statics('c')), moment());
    expect(plan.tasks).toHaveLength(1);
    expect(plan.state.skipped).toEqual({ alreadyDialing: 1 });
  });

  test('and bootnodes that are the same node neither', () => {
    const state = waiting({ bootnodes: [target('c')] });
    expect(idsOf(state, moment({ isFallback: true }))).toEqual(['c']);
  });

  test('have fewer slots where static nodes are exempt and use the active dials', () => {
    const rules = dialRules({ isStaticExempt: true, maxDialed: 1, maxActive: 4 });
    const at = moment({}, rules);
    expect(what(begin({ rules, ...statics('a', 'b', 'c') }), at)).toBe('wanted');
    expect(what(begin({ rules, ...statics('a', 'b', 'c', 'd') }), at)).toBe('none');
  });
});

describe('resolving', () => {
  const rules = dialRules({ canResolve: true });
  const asking = (node: DialTarget = target('a')): DialState =>
    dialGenerator.newTasks(begin({ rules, statics: [node] }), moment()).state;
  const mayResolve = (state: DialState) =>
    dialGenerator.newTasks(state, moment()).tasks.map((task) => task.mayResolve);
  const notFound = { id: 'a', resolution: { type: 'notFound' } } as const;
  const found = {
    id: 'a',
    resolution: { type: 'found', host: '198.51.100.7', port: 30304 },
  } as const;

  test('is allowed where there is a resolver, and for static nodes only', () => {
    expect(mayResolve(begin({ rules, ...statics('a') }))).toEqual([true]);
    expect(mayResolve(begin(statics('a')))).toEqual([false]);
    const state = dialGenerator.addCandidate(begin({ rules }), target('c'));
    expect(mayResolve(state)).toEqual([false]);
  });

  test('quirk 5: pauses 60 s, then twice as long each time, to one hour', () => {
    const pauses: (number | null)[] = [];
    let state = begin({ rules, ...statics('a') });
    for (let round = 0; round < 8; round += 1) {
      const end = dialGenerator.taskDone(dialGenerator.newTasks(state, moment()).state, notFound);
      pauses.push(end.resolvePauseMs);
      expect(mayResolve(end.state)).toEqual([false]);
      state = dialGenerator.resolvePauseOver(end.state, 'a');
      expect(mayResolve(state)).toEqual([true]);
    }
    expect(pauses.map((ms) => (ms ?? 0) / 60_000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect([RESOLVE_PAUSE_MS, MAX_RESOLVE_PAUSE_MS]).toEqual([60_000, 3_600_000]);
    const again = dialGenerator.taskDone(dialGenerator.newTasks(state, moment()).state, found);
    expect(again.resolvePauseMs).toBe(60_000);
    const fresh = dialGenerator.resolvePauseOver(again.state, 'a');
    const next = dialGenerator.taskDone(dialGenerator.newTasks(fresh, moment()).state, notFound);
    expect(next.resolvePauseMs).toBe(60_000);
  });

  test('moves the node to where it was found', () => {
    const { state } = dialGenerator.taskDone(asking(), found);
    expect(dialGenerator.newTasks(state, moment()).tasks[0]?.target).toEqual({
      ...target('a'),
      host: '198.51.100.7',
      tcpPort: 30304,
    });
    const v6 = { ...found, resolution: { ...found.resolution, host: '2001:db8::7' } };
    const nowhere = { ...target('a'), host: '', hostKind: 'none', tcpPort: 0 } as const;
    const end = dialGenerator.taskDone(asking(nowhere), v6);
    expect(end.state.statics.get('a')?.target).toMatchObject({ hostKind: 'ipv6', tcpPort: 30304 });
  });

  test('leaves a name as it is: it is looked up for each dial', () => {
    const named = { ...target('a'), host: 'node.example', hostKind: 'name' } as const;
    expect(dialGenerator.taskDone(asking(named), found).state.statics.get('a')?.target).toEqual(
      named,
    );
  });

  test('is allowed again at once when the dial did not use it', () => {
    const end = dialGenerator.taskDone(asking(), { id: 'a' });
    expect(end.resolvePauseMs).toBeNull();
    expect(mayResolve(end.state)).toEqual([true]);
  });

  test('quirk 22: does not change a node that got another address meanwhile, or was removed', () => {
    const moved = { ...target('a'), host: '203.0.113.5' };
    const readded = dialGenerator.addStatic(asking(), moved);
    const end = dialGenerator.taskDone(readded, found);
    expect(end).toEqual({ state: readded, resolvePauseMs: null });
    const gone = dialGenerator.removeStatic(asking(), 'a');
    expect(dialGenerator.taskDone(gone, found)).toEqual({ state: gone, resolvePauseMs: null });
    expect(dialGenerator.resolvePauseOver(gone, 'a')).toBe(gone);
  });
});
