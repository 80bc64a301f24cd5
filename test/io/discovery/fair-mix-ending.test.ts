/** How sources and the mix end. */
import { describe, expect, test } from 'vitest';

import { MAX_MIXED_SOURCES } from '../../../src/io/discovery/fair-mix.ts';
import { endless, HandSource, mixOf, step, turn, WAIT_MS } from '../../support/fair-mix-run.ts';

describe('a source that ends', () => {
  test('leaves the mix, and the others go on', async () => {
    async function* two(): AsyncGenerator<string> {
      yield 'x0';
      yield 'x1';
    }
    const { take, ended } = mixOf(WAIT_MS, { x: two(), b: endless('b') });
    expect(await take(6)).toEqual(['x0', 'b0', 'x1', 'b1', 'b2', 'b3']);
    expect(ended).toEqual([['x', null]]);
  });

  test('in its turn lets the next one deliver at once', async () => {
    const slow = new HandSource();
    const { clock, want, ended } = mixOf(WAIT_MS, { slow, b: endless('b') });
    const first = await want();
    await slow.end();
    expect(first.got()).toBe('b0');
    expect(clock.pending).toBe(0);
    expect(ended).toEqual([['slow', null]]);
  });

  test('in its turn gives the turn to the next one only', async () => {
    const sources = { a: new HandSource(), b: new HandSource(), c: new HandSource() };
    const { want } = mixOf(WAIT_MS, sources);
    await want();
    await sources.a.end();
    expect([sources.b.reads, sources.c.reads]).toEqual([1, 0]);
  });

  test('by an error leaves alone, with its error', async () => {
    const slow = new HandSource();
    const { want, ended } = mixOf(WAIT_MS, { slow, b: endless('b') });
    const first = await want();
    await slow.fail();
    expect(first.got()).toBe('b0');
    expect(ended).toEqual([['slow', new Error('gone')]]);
  });

  test('by an error when it is opened or read', async () => {
    const cannotOpen = {
      [Symbol.asyncIterator]: () => {
        throw new Error('cannot open');
      },
    };
    const cannotRead = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          throw new Error('cannot read');
        },
      }),
    };
    const { take, ended } = mixOf(WAIT_MS, { cannotOpen, cannotRead, b: endless('b') });
    expect(await take(2)).toEqual(['b0', 'b1']);
    expect(ended).toEqual([
      ['cannotOpen', new Error('cannot open')],
      ['cannotRead', new Error('cannot read')],
    ]);
  });

  test('after it was late leaves while another one is waited for', async () => {
    const sources = { a: new HandSource(), b: new HandSource() };
    const { clock, want, ended } = mixOf(WAIT_MS, sources);
    const first = await want();
    await step(clock, WAIT_MS);
    await sources.a.end();
    expect(ended).toEqual([['a', null]]);
    await sources.b.give('b0');
    expect(first.got()).toBe('b0');
  });
});

describe('sources', () => {
  test('may be added while an item is wanted', async () => {
    const { want, mix } = mixOf(WAIT_MS);
    const first = await want();
    expect(first.isDone()).toBeUndefined();
    mix.add('b', endless('b'));
    await turn();
    expect(first.got()).toBe('b0');
  });

  test('have a bound', () => {
    const { mix } = mixOf(WAIT_MS);
    for (let count = 0; count < MAX_MIXED_SOURCES; count += 1) mix.add(`${count}`, endless('x'));
    expect(() => mix.add('one more', endless('x'))).toThrow(RangeError);
  });

  test('are not opened once the mix is closed', () => {
    const { mix, ended } = mixOf(WAIT_MS);
    mix.close();
    const source = {
      [Symbol.asyncIterator]: () => {
        throw new Error('opened');
      },
    };
    mix.add('late', source);
    expect(ended).toEqual([]);
  });
});

describe('close', () => {
  test('ends every source and who waits, in its turn or later', async () => {
    for (const ms of [0, WAIT_MS]) {
      const sources = { a: new HandSource(), b: new HandSource() };
      const { clock, want, mix, ended } = mixOf(WAIT_MS, sources);
      const first = await want();
      await step(clock, ms);
      mix.close();
      mix.close();
      await turn();
      expect(first.isDone()).toBe(true);
      expect([sources.a.isEnded, sources.b.isEnded]).toEqual([true, true]);
      expect(clock.pending).toBe(0);
      await sources.a.give('late');
      await sources.b.end();
      expect(ended).toEqual([]);
      expect((await want()).isDone()).toBe(true);
    }
  });

  test('does not give an item that comes with it', async () => {
    const a = new HandSource();
    const { want, mix } = mixOf(WAIT_MS, { a });
    const first = await want();
    void a.give('a0');
    mix.close();
    await turn();
    expect(first.isDone()).toBe(true);
  });

  test('is what leaving a loop does', async () => {
    const { mix } = mixOf(WAIT_MS, { b: endless('b') });
    for await (const item of mix) if (item === 'b2') break;
    expect(await mix.next()).toEqual({ done: true, value: undefined });
  });

  test('leaves errors of ending sources alone', async () => {
    const stubborn = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<string>>(() => {}),
        return: () => Promise.reject(new Error('no')),
      }),
    };
    const { mix } = mixOf(WAIT_MS, { stubborn });
    mix.close();
    await turn();
  });
});
