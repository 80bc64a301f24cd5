import { describe, expect, test } from 'vitest';

import type { EntryFact } from '../../../src/io/discovery/tree-reader.ts';
import {
  dnsTreeMachine,
  FIRST_ROOT_PAUSE_MS,
  MAX_ENTRY_FAILURES,
  MAX_ROOT_PAUSE_MS,
  READ_TIMEOUT_MS,
  ROOT_RECHECK_MS,
  ROUND_PAUSE_MS,
} from '../../../src/machines/discovery/dns-tree.ts';
import { fakeReader } from '../../../src/testing/machine/fake-adapters.ts';
import { brokenActor } from '../../support/broken-actor.ts';
import { runMachine } from '../../support/run-machine.ts';

const URL = 'enrtree://KEY@nodes.example.org';

function runTree() {
  const reader = fakeReader();
  const run = runMachine(dnsTreeMachine.provide({ actors: { reader: reader.logic } }), {
    url: URL,
  });
  const read = (kind: 'branch' | 'link' | 'node', round: Partial<EntryFact> = {}) =>
    reader.report({ type: 'entry.read', kind, remaining: 1, nodes: 0, ...round } as EntryFact);
  return {
    ...run,
    reader,
    context: () => run.actor.getSnapshot().context,
    commands: () => reader.commands.map(({ type }) => type),
    want: () => run.send({ type: 'node.wanted' }),
    root: (remaining = 2, seq = 1) => reader.report({ type: 'root.read', seq, remaining }),
    rootFails: () => reader.report({ type: 'root.failed', why: 'badRootSignature' }),
    read,
    fails: (round: Partial<EntryFact> = {}) =>
      reader.report({
        ...{ type: 'entry.failed', why: 'hashMismatch', remaining: 1, nodes: 0, ...round },
      } as EntryFact),
    stop: () => run.send({ type: 'stop' }),
  };
}

/** With a root, and a node that was not taken yet. */
function runWithNode() {
  const run = runTree();
  run.want();
  run.root();
  run.read('node', { nodes: 1 });
  expect(run.state()).toBe('withRoot.resting');
  return run;
}

describe('a DNS node list', () => {
  test('is not asked before a node is wanted', () => {
    const run = runTree();
    expect([run.state(), run.clock.pending]).toEqual(['withoutRoot.resting', 0]);
    expect(run.reader.inputs).toEqual([{ url: URL }]);
    run.want();
    expect(run.commands()).toEqual(['read.root']);
    run.stop();
  });

  test('is read entry by entry until there is a node, and on when another one is wanted', () => {
    const run = runTree();
    run.want();
    run.root();
    run.read('link');
    run.read('branch', { remaining: 3 });
    run.read('node', { remaining: 2, nodes: 1 });
    expect(run.state()).toBe('withRoot.resting');
    expect(run.commands()).toEqual(['read.root', 'read.entry', 'read.entry', 'read.entry']);
    run.want();
    expect(run.commands()).toHaveLength(5);
    expect(run.context()).toMatchObject({ seq: 1, remaining: 2, nodes: 1, fruitlessChecks: 0 });
    run.stop();
  });

  test('a further round begins after its pause', () => {
    const run = runTree();
    run.want();
    run.root(1);
    run.read('node', { remaining: 0, nodes: 1 });
    run.want();
    expect(run.state()).toBe('withRoot.betweenRounds');
    run.clock.advance(ROUND_PAUSE_MS - 1);
    expect(run.commands()).toHaveLength(2);
    run.clock.advance(1);
    expect(run.commands()).toEqual(['read.root', 'read.entry', 'read.entry']);
    run.stop();
  });

  test('is closed from every state, and leaves no timer', () => {
    for (const prepare of [runTree, runWithNode]) {
      const run = prepare();
      run.stop();
      expect(run.output()).toEqual({ outcome: 'closed' });
      expect([run.clock.pending, run.reader.live]).toEqual([0, 0]);
    }
  });

  test('ends when its reader breaks', () => {
    const reader = brokenActor<never, { readonly url: string }>();
    const machine = dnsTreeMachine.provide({ actors: { reader: reader as never } });
    expect(runMachine(machine, { url: URL }).output()).toEqual({ outcome: 'broken' });
  });
});

describe('without a root', () => {
  test('it is asked for again, later each time, up to 5 min', () => {
    const run = runTree();
    run.want();
    for (let pauseMs = 2 * FIRST_ROOT_PAUSE_MS; ; pauseMs *= 2) {
      run.rootFails();
      expect(run.state()).toBe('withoutRoot.pausing');
      const longest = Math.min(pauseMs, MAX_ROOT_PAUSE_MS);
      run.clock.advance(longest - 1);
      expect(run.state()).toBe('withoutRoot.pausing');
      run.clock.advance(1);
      expect(run.state()).toBe('withoutRoot.checking');
      if (pauseMs > 4 * MAX_ROOT_PAUSE_MS) break;
    }
    expect(run.context().lastFailure).toBe('badRootSignature');
    run.root();
    expect(run.context()).toMatchObject({ lastFailure: null });
    run.stop();
  });

  test('a query that never ends is given up', () => {
    const run = runTree();
    run.want();
    run.clock.advance(READ_TIMEOUT_MS);
    expect(run.state()).toBe('withoutRoot.pausing');
    run.rootFails(); // after its time
    expect(run.state()).toBe('withoutRoot.pausing');
    run.root(); // late, but it is one
    expect(run.state()).toBe('withRoot.reading');
    run.root(9, 9); // and this one is not asked for
    run.rootFails();
    expect([run.state(), run.context().seq]).toEqual(['withRoot.reading', 1]);
    run.stop();
  });
});

describe('entries that cannot be read', () => {
  test(`are passed over, and after ${MAX_ENTRY_FAILURES} of them the root is checked`, () => {
    const run = runTree();
    run.want();
    run.root();
    for (let i = 1; i < MAX_ENTRY_FAILURES; i += 1) run.fails();
    expect(run.state()).toBe('withRoot.reading');
    expect(run.context()).toMatchObject({ lastFailure: 'hashMismatch' });
    run.fails();
    expect(run.state()).toBe('outdated.pausing');
    run.clock.advance(2 * FIRST_ROOT_PAUSE_MS);
    expect(run.state()).toBe('outdated.checking');
    run.root();
    expect([run.state(), run.context().entryFailures]).toEqual(['withRoot.reading', 0]);
    run.stop();
  });

  test('count as such when they never come', () => {
    const run = runTree();
    run.want();
    run.root();
    run.clock.advance(READ_TIMEOUT_MS);
    expect([run.state(), run.context().entryFailures]).toEqual(['withRoot.reading', 1]);
    run.stop();
  });

  test('a list that gives no node is read again later each time', () => {
    const run = runTree();
    run.want();
    let pauseMs = 2 * FIRST_ROOT_PAUSE_MS;
    run.root(1);
    for (let i = 0; i < 4; i += 1) {
      run.fails({ remaining: 0 });
      expect(run.state()).toBe('outdated.pausing');
      run.clock.advance(pauseMs - 1);
      expect(run.state()).toBe('outdated.pausing');
      run.clock.advance(1);
      run.root(1);
      pauseMs *= 2;
    }
    run.read('node', { remaining: 0, nodes: 1 });
    expect(run.context().fruitlessChecks).toBe(0);
    run.stop();
  });

  test('facts that come while the root is checked change nothing', () => {
    const run = runTree();
    run.want();
    run.read('node');
    run.fails();
    run.want();
    expect(run.state()).toBe('withoutRoot.checking');
    run.stop();
  });
});

describe('a root of half an hour', () => {
  test('is checked when the next node is wanted', () => {
    const run = runWithNode();
    run.clock.advance(ROOT_RECHECK_MS - 1);
    expect(run.state()).toBe('withRoot.resting');
    run.clock.advance(1);
    expect([run.state(), run.clock.pending]).toEqual(['outdated.resting', 0]);
    run.want();
    expect(run.commands().at(-1)).toBe('read.root');
    run.root(2, 2);
    expect([run.state(), run.context().seq]).toEqual(['withRoot.reading', 2]);
    run.stop();
  });

  test('is checked at once while a node is looked for', () => {
    const run = runWithNode();
    run.clock.advance(ROOT_RECHECK_MS - 1_000);
    run.want();
    run.clock.advance(1_000);
    expect(run.state()).toBe('outdated.checking');
    run.stop();
  });

  test('stays when there is no answer', () => {
    for (const fail of [
      (run: ReturnType<typeof runTree>) => run.rootFails(),
      (run: ReturnType<typeof runTree>) => run.clock.advance(READ_TIMEOUT_MS),
    ]) {
      const run = runWithNode();
      run.clock.advance(ROOT_RECHECK_MS);
      run.want();
      fail(run);
      expect(run.state()).toBe('withRoot.reading');
      run.read('node', { nodes: 2 });
      run.clock.advance(ROOT_RECHECK_MS - 1);
      expect(run.state()).toBe('withRoot.resting');
      run.stop();
    }
  });
});
