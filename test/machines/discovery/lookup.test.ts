import { describe, expect, test } from 'vitest';

import {
  ASK_TIMEOUT_MS,
  LOOKUP_TIMEOUT_MS,
  lookupMachine,
} from '../../../src/machines/discovery/lookup.ts';
import { MAX_ASKED } from '../../../src/machines/discovery/lookup-search.ts';
import { FakeActor } from '../../../src/testing/machine/fake-actor.ts';
import { lookupInput, near, numberOf, runLookup } from '../../support/lookup-run.ts';
import { runMachine } from '../../support/run-machine.ts';

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

describe('a lookup', () => {
  test('asks the three closest nodes at once, and the next one after each answer', () => {
    const run = runLookup(9, 8, 7, 6);
    expect(run.asked()).toEqual([6, 7, 8]);
    run.answer(7, 3);
    expect(run.asked()).toEqual([6, 7, 8, 3]);
    run.fail(8);
    expect(run.asked()).toEqual([6, 7, 8, 3, 9]);
    expect(run.state()).toBe('querying');
  });

  test('finishes when every one of the closest was asked', () => {
    const run = runLookup(9);
    run.answer(9, 5, 9);
    run.answer(5, 9);
    expect(run.output()).toMatchObject({
      outcome: 'finished',
      nodes: [near(5), near(9)],
      found: [near(9), near(5)],
      answered: [near(9).id, near(5).id],
      failed: [],
    });
    expect(run.clock.pending).toBe(0);
  });

  test('emits each node once, the seeds first', () => {
    const run = runLookup(9, 8);
    run.answer(8, 9, 3, 4);
    run.answer(9, 4, 5);
    expect(run.found).toEqual([9, 8, 3, 4, 5]);
  });

  test('asks for nodes near its target', () => {
    expect(runLookup(9).asker.inputs).toEqual([lookupInput().targetId]);
  });

  test('is exhausted when no node returns another one', () => {
    const run = runLookup(9, 8);
    run.answer(8);
    run.fail(9);
    expect(run.output()).toMatchObject({ outcome: 'exhausted', nodes: [near(8), near(9)] });
    expect(run.output()!.failed).toEqual([near(8).id, near(9).id]);
  });

  test('is exhausted at once when there is no node to ask', () => {
    const run = runLookup();
    expect(run.output()).toMatchObject({ outcome: 'exhausted', nodes: [] });
    expect(run.trail).toEqual(['seeding', 'exhausted']);
    expect(run.asker.inputs).toEqual([]);
  });
});

describe('a node that does not answer', () => {
  test('counts as failed after its time, to the millisecond', () => {
    const run = runLookup(9, 8);
    run.answer(9, 8);
    run.clock.advance(ASK_TIMEOUT_MS - 1);
    expect(run.isOver()).toBe(false);
    run.clock.advance(1);
    expect(run.output()).toMatchObject({ outcome: 'finished', failed: [near(8).id] });
  });

  test('is not waited for any longer once it failed', () => {
    const run = runLookup(9, 8);
    run.fail(9);
    run.clock.advance(ASK_TIMEOUT_MS - 1);
    expect(run.clock.pending).toBe(2); // the other node, and the lookup
    run.answer(8, 9);
    expect(run.output()!.failed).toEqual([near(9).id]);
  });

  test('may answer too late: nothing changes', () => {
    const run = runLookup(9, 8);
    run.clock.advance(ASK_TIMEOUT_MS - 1);
    run.answer(8, 7);
    run.clock.advance(1); // 9 is overdue
    run.answer(9, 1);
    run.fail(9);
    expect(run.asked()).toEqual([8, 9, 7]);
    expect(run.found).toEqual([9, 8, 7]);
    run.answer(7, 8);
    expect(run.output()!.failed).toEqual([near(9).id]);
  });
});

describe('a lookup ends', () => {
  test('when it is stopped, with what was found', () => {
    const run = runLookup(9);
    run.answer(9, 5);
    run.send({ type: 'stop' });
    expect(run.output()).toMatchObject({ outcome: 'cancelled', nodes: [near(5), near(9)] });
    expect(run.asker.live).toBe(0);
    expect(run.clock.pending).toBe(0);
  });

  test('when nodes take too long, to the millisecond', () => {
    const run = runLookup(9_000);
    let next = 9_000;
    for (let time = 0; time < LOOKUP_TIMEOUT_MS - 4_000; time += 4_000) {
      run.clock.advance(4_000);
      run.answer(next, next - 1);
      next -= 1;
    }
    run.clock.advance(3_999);
    expect(run.state()).toBe('querying');
    run.clock.advance(1);
    expect(run.output()!.outcome).toBe('timedOut');
  });

  test('when nodes keep returning closer ones', () => {
    const run = runLookup(90_000);
    for (let index = 0; index < MAX_ASKED; index += 1) {
      const number = run.asked()[index]!;
      run.answer(number, ...range(number - 16, 16));
    }
    expect(run.output()!.outcome).toBe('atLimit');
    expect(run.asked()).toHaveLength(MAX_ASKED);
  });

  test('when the asker breaks', () => {
    const broken = new FakeActor(() => {
      throw new Error('a bug');
    });
    const machine = lookupMachine.provide({ actors: { asker: broken.logic as never } });
    const run = runMachine(machine, lookupInput());
    expect(run.output()).toMatchObject({ outcome: 'broken', found: [near(9)] });
  });
});

test('numbers of nodes are their distances', () => expect(numberOf(near(9).id)).toBe(9));
