import { describe, expect, test } from 'vitest';
import type { EventObject } from 'xstate';

import {
  discoveryResolver,
  firstFound,
  type Resolution,
  resolveNode,
} from '../../../src/io/adapters/discovery-resolver.ts';
import type { NodeResolverEvent } from '../../../src/io/adapters/node-resolver.ts';
import type { Node } from '../../../src/io/crypto/node.ts';
import { keyOf, nodeOf } from '../../support/discv4-net.ts';
import { runAdapter } from '../../support/reports.ts';

const at = (host: string, number = 1): Node => nodeOf(keyOf(number), { host, port: 30_303 });
const nowhere: Node = { ...at('45.0.0.1'), host: '', hostKind: 'none' };

type LookUpHooks = Parameters<Resolution['lookUp']>[1];

/** Its checks and its lookup are answered by the test. */
function stage(node: Node, answersAtOnce: Node | null = null) {
  const checks = new Map<string, (node: Node | null) => void>();
  const asked: string[] = [];
  const cancelled: string[] = [];
  const results: (Node | null)[] = [];
  let lookup: LookUpHooks | null = null;
  const cancel = resolveNode(
    {
      check: ({ host }, done) => {
        asked.push(host);
        if (answersAtOnce) done(answersAtOnce);
        else checks.set(host, done);
        return () => cancelled.push(host);
      },
      lookUp: (_, hooks) => {
        lookup = hooks;
        return () => cancelled.push('lookup');
      },
    },
    node,
    (found) => results.push(found),
  );
  const hooks = (): LookUpHooks => {
    if (!lookup) throw new Error('there is no lookup');
    return lookup;
  };
  return { asked, checks, cancelled, results, cancel, hooks, isLookingUp: () => lookup !== null };
}

describe('a node', () => {
  test('that answers where it was is found there, and the lookup ends', () => {
    const { checks, cancelled, results } = stage(at('45.0.0.1'));
    const answer = at('45.0.0.1');
    checks.get('45.0.0.1')?.(answer);
    expect(results).toEqual([answer]);
    expect(cancelled).toEqual(['45.0.0.1', 'lookup']);
  });

  test('that answers at once needs no lookup', () => {
    const run = stage(at('45.0.0.1'), at('45.0.0.9'));
    expect(run.results).toEqual([at('45.0.0.9')]);
    expect(run.isLookingUp()).toBe(false);
  });

  test('that moved is found where others say, once it has answered there', () => {
    const { checks, hooks, results } = stage(at('45.0.0.1'));
    hooks().onFound(at('45.0.0.7', 2));
    hooks().onFound(at('45.0.0.2'));
    checks.get('45.0.0.1')?.(null);
    hooks().onEnd();
    expect(results).toEqual([]);
    checks.get('45.0.0.2')?.(at('45.0.0.2'));
    expect(results).toEqual([at('45.0.0.2')]);
    expect([...checks.keys()]).toEqual(['45.0.0.1', '45.0.0.2']);
  });

  test('without an address is looked up', () => {
    const { checks, hooks, results } = stage(nowhere);
    expect(checks.size).toBe(0);
    hooks().onFound(at('45.0.0.1'));
    hooks().onEnd();
    checks.get('45.0.0.1')?.(at('45.0.0.1'));
    expect(results).toEqual([at('45.0.0.1')]);
  });

  test('that answers nowhere is not found', () => {
    const { checks, hooks, results } = stage(at('45.0.0.1'));
    hooks().onFound(at('45.0.0.2'));
    hooks().onEnd();
    checks.get('45.0.0.1')?.(null);
    expect(results).toEqual([]);
    checks.get('45.0.0.2')?.(null);
    expect(results).toEqual([null]);
  });

  test('is asked at 8 addresses at most, and twice at each', () => {
    const { asked, checks, hooks, results } = stage(at('45.0.0.1'));
    for (let time = 0; time < 5; time += 1)
      for (let host = 1; host < 40; host += 1) {
        hooks().onFound(at(`45.0.0.${host}`));
        checks.get(`45.0.0.${host}`)?.(null);
      }
    hooks().onEnd();
    expect(checks.size).toBe(8);
    for (const host of checks.keys()) expect(asked.filter((one) => one === host)).toHaveLength(2);
    expect(results).toEqual([null]);
  });

  test.for(['while', 'after'])(
    'whose answer was lost is asked again where others name it %s it was asked',
    (when) => {
      const { asked, checks, hooks, results } = stage(at('45.0.0.1'));
      if (when === 'while') hooks().onFound(at('45.0.0.1'));
      checks.get('45.0.0.1')?.(null);
      if (when === 'after') hooks().onFound(at('45.0.0.1'));
      hooks().onEnd();
      expect([asked, results]).toEqual([['45.0.0.1', '45.0.0.1'], []]);
      checks.get('45.0.0.1')?.(at('45.0.0.1'));
      expect(results).toEqual([at('45.0.0.1')]);
    },
  );

  test('that others do not name is asked once', () => {
    const { asked, checks, hooks, results } = stage(at('45.0.0.1'));
    checks.get('45.0.0.1')?.(null);
    hooks().onEnd();
    expect([asked, results]).toEqual([['45.0.0.1'], [null]]);
  });

  test('is not reported after the cancel', () => {
    const { checks, cancel, cancelled, hooks, results } = stage(at('45.0.0.1'));
    cancel();
    hooks().onFound(at('45.0.0.2'));
    checks.get('45.0.0.1')?.(at('45.0.0.1'));
    hooks().onEnd();
    expect(results).toEqual([]);
    expect(cancelled).toEqual(['45.0.0.1', 'lookup']);
  });
});

describe('the actor for dials', () => {
  const run = (answer: Node | null) =>
    runAdapter<NodeResolverEvent, EventObject, string>(
      discoveryResolver((_, done) => {
        done(answer);
        return () => {};
      }),
      'target',
    );

  test('reports the address for TCP', () => {
    expect(run({ ...at('45.0.0.1'), tcpPort: 7 }).reports.all).toEqual([
      { type: 'node.found', host: '45.0.0.1', port: 7 },
    ]);
  });

  test('reports that the node is not found', () => {
    expect(run(null).reports.all).toEqual([{ type: 'node.notFound' }]);
  });

  test('cancels when it is stopped', () => {
    let isCancelled = false;
    const actor = runAdapter<NodeResolverEvent, EventObject, string>(
      discoveryResolver(() => () => {
        isCancelled = true;
      }),
      'target',
    );
    actor.stop();
    expect(isCancelled).toBe(true);
  });
});

describe('several searches at once', () => {
  function searches(count: number, ...found: (Node | null)[]) {
    const dones: ((node: Node | null) => void)[] = [];
    const cancelled: number[] = [];
    const results: unknown[] = [];
    const cancel = firstFound(
      Array.from({ length: count }, (_, number) => (done: (node: Node | null) => void) => {
        dones.push(done);
        const atOnce = found[number];
        if (atOnce !== undefined) done(atOnce);
        return () => cancelled.push(number);
      }),
      (node) => results.push(node),
    );
    return { dones, cancelled, results, cancel };
  }

  test('the first one that finds the node ends the others', () => {
    const { dones, cancelled, results } = searches(2);
    dones[0]!(null);
    expect(results).toEqual([]);
    dones[1]!(at('45.0.0.2'));
    expect(results).toEqual([at('45.0.0.2')]);
    expect(cancelled).toEqual([0, 1]);
  });

  test('the node is not found when none finds it, or there is none', () => {
    const { dones, results } = searches(2);
    for (const done of dones) done(null);
    expect(results).toEqual([null]);
    expect(searches(0).results).toEqual([null]);
  });

  test('one that finds the node at once is the last one', () => {
    const run = searches(3, null, at('45.0.0.1'));
    expect(run.results).toEqual([at('45.0.0.1')]);
    expect(run.dones).toHaveLength(2);
    expect(run.cancelled).toEqual([0, 1]);
  });

  test('nothing is reported after the cancel', () => {
    const { dones, cancelled, results, cancel } = searches(2);
    cancel();
    dones[0]!(at('45.0.0.1'));
    expect([results, cancelled]).toEqual([[], [0, 1]]);
  });
});
