import { describe, expect, test } from 'vitest';

import type { Node } from '../../../src/io/crypto/node.ts';
import {
  MAX_KNOWN_NODES,
  MAX_WAITING_NODES,
  MAX_WALK_PAUSE_MS,
  MIN_WALK_PAUSE_MS,
  RandomWalk,
} from '../../../src/io/discovery/random-walk.ts';
import { near, numberOf } from '../../support/lookup-run.ts';
import { StepClock } from '../../support/step-clock.ts';
import { turns } from '../../support/turn.ts';

const turn = () => turns(3);

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

function walk() {
  const clock = new StepClock();
  const lookups: { readonly at: number; isCancelled: boolean }[] = [];
  let found: (node: Node) => void = () => {};
  let ended: () => void = () => {};
  let empty = 0;
  const iterator = new RandomWalk({
    clock,
    lookUp: (onNode, onEnd) => {
      const lookup = { at: clock.now(), isCancelled: false };
      lookups.push(lookup);
      found = onNode;
      ended = onEnd;
      return () => {
        lookup.isCancelled = true;
      };
    },
    onNothingFound: () => {
      empty += 1;
    },
  });
  const want = async () => {
    let result: IteratorResult<Node> | undefined;
    void iterator.next().then((given) => {
      result = given;
    });
    await turn();
    return {
      got: () => (result && !result.done ? numberOf(result.value.id) : undefined),
      isDone: () => result?.done,
    };
  };
  return {
    clock,
    iterator,
    lookups,
    want,
    /** The lookup that runs finds these, and ends. */
    async end(...numbers: readonly number[]) {
      for (const number of numbers) found(near(number));
      ended();
      await turn();
    },
    async find(...numbers: readonly number[]) {
      for (const number of numbers) found(near(number));
      await turn();
    },
    async take(count: number) {
      const numbers: (number | undefined)[] = [];
      for (let left = count; left > 0; left -= 1) numbers.push((await want()).got());
      return numbers;
    },
    empty: () => empty,
  };
}

/** Wants a node, and says how long it takes until the next lookup begins. */
async function pauseOf(run: ReturnType<typeof walk>): Promise<number> {
  const before = run.lookups.length;
  void run.want();
  await turn();
  const begin = run.clock.now();
  while (run.lookups.length === before) {
    run.clock.advance(100);
    if (run.clock.now() - begin > 2 * MAX_WALK_PAUSE_MS) throw new Error('no lookup');
  }
  return run.clock.now() - begin;
}

describe('a walk', () => {
  test('begins with a lookup when a node is wanted, not before', async () => {
    const run = walk();
    await turn();
    expect(run.lookups).toEqual([]);
    const first = await run.want();
    expect(run.lookups).toHaveLength(1);
    await run.find(5);
    expect(first.got()).toBe(5);
  });

  test('gives nodes as they are found, in their order', async () => {
    const run = walk();
    const first = await run.want();
    const second = await run.want();
    await run.find(5, 6, 7);
    expect([first.got(), second.got()]).toEqual([5, 6]);
    expect(await run.take(1)).toEqual([7]);
  });

  test('begins the next lookup only when all nodes are taken and another one is wanted', async () => {
    const run = walk();
    await run.want();
    await run.end(5, 6);
    run.clock.advance(3_600_000);
    expect(await run.take(1)).toEqual([6]);
    expect(run.lookups).toHaveLength(1);
    expect(run.clock.pending).toBe(0);
    await run.want();
    expect(run.lookups).toHaveLength(2);
  });

  test('runs one lookup at a time, however many nodes are wanted', async () => {
    const run = walk();
    await Promise.all([run.want(), run.want(), run.want()]);
    expect(run.lookups).toHaveLength(1);
  });

  test('keeps no more nodes than its bound', async () => {
    const run = walk();
    await run.want();
    await run.end(...range(1, MAX_WAITING_NODES + 50));
    const numbers = await run.take(MAX_WAITING_NODES);
    expect(numbers.at(-1)).toBe(MAX_WAITING_NODES + 1);
    expect((await run.want()).got()).toBeUndefined();
  });
});

describe('pauses', () => {
  test('are one second as long as lookups find something new', async () => {
    const run = walk();
    void run.want();
    await turn();
    for (let lookup = 1; lookup < 5; lookup += 1) {
      await run.end(lookup);
      expect(await pauseOf(run)).toBe(MIN_WALK_PAUSE_MS);
    }
  });

  test('grow to a minute while a small network has nothing new, and start over with something new', async () => {
    const run = walk();
    void run.want();
    await turn();
    const pauses: number[] = [];
    for (let lookup = 0; lookup < 9; lookup += 1) {
      await run.end(7);
      pauses.push(await pauseOf(run));
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    await run.end(7, 8);
    await run.take(1);
    expect(await pauseOf(run)).toBe(1_000);
  });

  test('count from the end of the lookup: a node that is wanted late finds them over', async () => {
    const run = walk();
    void run.want();
    await turn();
    await run.end(7);
    run.clock.advance(MIN_WALK_PAUSE_MS);
    void run.want();
    await turn();
    expect(run.lookups.at(-1)!.at).toBe(MIN_WALK_PAUSE_MS);
  });

  test('a node counts as new again once it is forgotten', async () => {
    const run = walk();
    void run.want();
    await turn();
    let next = 1;
    for (; next <= MAX_KNOWN_NODES + 1; next += 1_000) {
      await run.end(...range(next, 1_000));
      await run.take(999);
      await pauseOf(run);
    }
    await run.end(1); // forgotten: the first of more than the bound
    expect(await pauseOf(run)).toBe(MIN_WALK_PAUSE_MS);
    await run.end(1);
    expect(await pauseOf(run)).toBe(2 * MIN_WALK_PAUSE_MS);
  });

  test('a lookup without any node is reported, once', async () => {
    const run = walk();
    void run.want();
    await turn();
    await run.end();
    expect(run.empty()).toBe(1);
    expect(await pauseOf(run)).toBe(2_000);
    await run.end(1);
    expect(run.empty()).toBe(1);
  });
});

describe('close', () => {
  test('ends the lookup and who waits', async () => {
    const run = walk();
    const first = await run.want();
    run.iterator.close();
    run.iterator.close();
    await turn();
    expect(first.isDone()).toBe(true);
    expect(run.lookups).toMatchObject([{ isCancelled: true }]);
    await run.end(1); // it reports all the same
    expect((await run.want()).isDone()).toBe(true);
    expect(run.lookups).toHaveLength(1);
  });

  test('ends a pause', async () => {
    const run = walk();
    await run.want();
    await run.end(7);
    const next = await run.want();
    expect(run.clock.pending).toBe(1);
    run.iterator.close();
    await turn();
    expect(next.isDone()).toBe(true);
    expect(run.clock.pending).toBe(0);
  });

  test('is what leaving a loop does', async () => {
    const run = walk();
    const seen: number[] = [];
    const loop = (async () => {
      for await (const node of run.iterator) {
        seen.push(numberOf(node.id));
        if (seen.length === 2) break;
      }
    })();
    await turn();
    await run.find(1, 2, 3);
    await loop;
    expect(seen).toEqual([1, 2]);
    expect(run.lookups).toMatchObject([{ isCancelled: true }]);
  });
});

describe('a lookup', () => {
  test('may report before it returns', async () => {
    const clock = new StepClock();
    const iterator = new RandomWalk({
      clock,
      lookUp: (onNode, onEnd) => {
        onNode(near(1));
        onEnd();
        return () => {};
      },
    });
    expect((await iterator.next()).value.id).toBe(near(1).id);
    const next = iterator.next();
    clock.advance(MIN_WALK_PAUSE_MS);
    expect((await next).value.id).toBe(near(1).id);
  });

  test('that reports after its end changes nothing', async () => {
    const run = walk();
    void run.want();
    await turn();
    await run.end(1);
    await run.end(2);
    expect((await run.want()).got()).toBeUndefined();
  });

  test('that cannot be started ends the walk with its error', async () => {
    const iterator = new RandomWalk({
      clock: new StepClock(),
      lookUp: () => {
        throw new Error('a bug');
      },
    });
    await expect(iterator.next()).rejects.toThrow('a bug');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });
});
