import { describe, expect, test } from 'vitest';

import { FairMix } from '../../../src/io/discovery/fair-mix.ts';
import { SeededRandom } from '../../../src/testing/world/seeded-random.ts';
import { endless, HandSource, mixOf, step, turn, WAIT_MS } from '../../support/fair-mix-run.ts';
import { StepClock } from '../../support/step-clock.ts';

describe('fairness', () => {
  test.each([0, WAIT_MS, Number.POSITIVE_INFINITY])(
    'sources that always have an item take turns (wait %s)',
    async (waitMs) => {
      const { take, mix } = mixOf(waitMs, { a: endless('a'), b: endless('b'), c: endless('c') });
      const items = await take(300);
      for (let at = 0; at < 300; at += 3)
        expect(
          items
            .slice(at, at + 3)
            .map((item) => item[0])
            .toSorted(),
        ).toEqual(['a', 'b', 'c']);
      expect(mix.sources.map(({ given }) => given)).toEqual([100, 100, 100]);
    },
  );

  test('no item is lost or given twice, however late sources are', async () => {
    const random = new SeededRandom(3);
    const clock = new StepClock();
    const mix = new FairMix<string>({ clock, waitMs: WAIT_MS });
    async function* late(name: string): AsyncGenerator<string> {
      for (let number = 0; number < 50; number += 1) {
        const ms = random.between(0, 3 * WAIT_MS);
        if (ms > WAIT_MS) await new Promise<void>((resolve) => void clock.setTimeout(resolve, ms));
        yield `${name}${number}`;
      }
    }
    for (const name of ['a', 'b', 'c', 'd']) mix.add(name, late(name));
    const items: string[] = [];
    let isOver = false;
    void (async () => {
      for await (const item of mix) items.push(item);
      isOver = true;
    })();
    for (let time = 0; time < 50 * 4 * WAIT_MS && items.length < 200; time += 10)
      await step(clock, 10);
    expect(items).toHaveLength(200);
    expect(new Set(items).size).toBe(200);
    for (const name of ['a', 'b', 'c', 'd'])
      expect(items.filter((item) => item[0] === name)).toEqual(
        Array.from({ length: 50 }, (_, number) => `${name}${number}`),
      );
    expect(mix.sources).toEqual([]);
    mix.close();
    await turn();
    expect(isOver).toBe(true);
    expect(clock.pending).toBe(0);
  });
});

describe('a slow source', () => {
  test('is waited for in its turn, to the millisecond; then the first item of any source is taken', async () => {
    const slow = new HandSource();
    const { clock, want } = mixOf(WAIT_MS, { slow, b: endless('b') });
    const first = await want();
    await step(clock, WAIT_MS - 1);
    expect(first.got()).toBeUndefined();
    await step(clock, 1);
    expect(first.got()).toBe('b0');
    expect((await want()).got()).toBe('b1'); // its own turn
  });

  test('that delivers in its time is taken in its turn', async () => {
    const slow = new HandSource();
    const { clock, want } = mixOf(WAIT_MS, { slow, b: endless('b') });
    const first = await want();
    await step(clock, WAIT_MS - 1);
    await slow.give('s0');
    expect(first.got()).toBe('s0');
    expect(clock.pending).toBe(0);
  });

  test('is waited for half as long each time, until it delivers in its turn', async () => {
    const slow = new HandSource();
    const { clock, want } = mixOf(WAIT_MS, { slow, b: endless('b') });
    const waits: number[] = [];
    const round = async () => {
      const one = await want();
      let waited = 0;
      while (one.got() === undefined) {
        await step(clock, 1);
        waited += 1;
      }
      waits.push(waited);
      await want(); // the turn of the other
    };
    for (let rounds = 0; rounds < 9; rounds += 1) await round();
    expect(waits).toEqual([100, 50, 25, 12, 6, 3, 1, 0, 0]);
    await slow.give('s0');
    expect((await want()).got()).toBe('s0');
    await want();
    await round();
    expect(waits.at(-1)).toBe(100);
  });

  test('leaves its place to the one that gave fewest, and one that is new catches nothing up', async () => {
    const slow = new HandSource();
    const { clock, want, mix } = mixOf(8, { slow, b: endless('b'), c: endless('c') });
    const pull = async (count: number) => {
      const names: string[] = [];
      for (let left = count; left > 0; left -= 1) {
        const one = await want();
        await step(clock, 8);
        names.push(one.got()?.[0] ?? '');
      }
      return names.toSorted().join('');
    };
    expect(await pull(12)).toBe('bbbbbbcccccc');
    mix.add('d', endless('d'));
    expect(await pull(12)).toBe('bbbbccccdddd');
  });

  test('keeps its late item for its next turn', async () => {
    const slow = new HandSource();
    const { clock, want } = mixOf(WAIT_MS, { slow, b: endless('b') });
    await want();
    await step(clock, WAIT_MS);
    await slow.give('s0');
    expect((await want()).got()).toBe('b1');
    expect((await want()).got()).toBe('s0');
    expect(slow.reads).toBe(1);
  });

  test('holds up a strict mix for ever, until it is closed', async () => {
    const slow = new HandSource();
    const { clock, want, mix } = mixOf(Number.POSITIVE_INFINITY, { slow, b: endless('b') });
    const first = await want();
    await step(clock, 3_600_000);
    expect(first.got()).toBeUndefined();
    expect(clock.pending).toBe(0);
    mix.close();
    await turn();
    expect(first.isDone()).toBe(true);
  });
});

describe('pull', () => {
  test('no source is read before an item is wanted', async () => {
    const a = new HandSource();
    mixOf(WAIT_MS, { a });
    await turn();
    expect(a.reads).toBe(0);
  });

  test('only the source whose turn it is is read, and the others once it is late', async () => {
    const sources = { a: new HandSource(), b: new HandSource(), c: new HandSource() };
    const { clock, want } = mixOf(WAIT_MS, sources);
    const reads = () => Object.values(sources).map((source) => source.reads);
    const first = await want();
    expect(reads()).toEqual([1, 0, 0]);
    await step(clock, WAIT_MS);
    expect(reads()).toEqual([1, 1, 1]);
    await sources.c.give('c0');
    expect(first.got()).toBe('c0');
    await sources.a.give('a0');
    await sources.b.give('b0');
    expect(reads()).toEqual([1, 1, 1]); // each holds one item
    expect((await want()).got()).toBe('b0');
    const last = await want();
    expect(reads()).toEqual([1, 1, 2]);
    await step(clock, WAIT_MS);
    expect(last.got()).toBe('a0');
  });

  test('calls at the same time get one item each, in their order', async () => {
    const { mix } = mixOf(WAIT_MS, { a: endless('a') });
    const results = await Promise.all([mix.next(), mix.next(), mix.next()]);
    expect(results.map(({ value }) => value)).toEqual(['a0', 'a1', 'a2']);
  });
});
