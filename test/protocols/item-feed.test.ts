import { describe, expect, test } from 'vitest';
import { ItemFeed } from '../../src/protocols/item-feed.ts';

describe('a feed', () => {
  test('gives each reader every item since it began', async () => {
    const feed = new ItemFeed<number>(4);
    feed.push(1);
    const first = feed.read();
    feed.push(2);
    const second = feed.read();
    feed.push(3);
    expect([(await first.next()).value, (await first.next()).value]).toEqual([2, 3]);
    expect((await second.next()).value).toBe(3);
    const waiting = first.next();
    feed.push(4);
    expect((await waiting).value).toBe(4);
  });

  test('drops the oldest items of a reader that is too slow, and counts them', async () => {
    const feed = new ItemFeed<number>(3);
    const slow = feed.read();
    for (let item = 1; item <= 10; item += 1) feed.push(item);
    feed.drop(5);
    expect(slow.dropped).toBe(12);
    const left: number[] = [];
    for (let i = 0; i < 3; i += 1) left.push((await slow.next()).value);
    expect(left).toEqual([8, 9, 10]);
  });

  test('knows how much room its fullest reader has, and says when that changes', async () => {
    let calls = 0;
    const feed = new ItemFeed<number>(4, () => {
      calls += 1;
    });
    expect([feed.room, feed.hasReaders]).toEqual([0, false]);
    const first = feed.read();
    feed.push(1);
    const second = feed.read();
    feed.push(2);
    expect([feed.room, calls, feed.hasReaders]).toEqual([2, 2, true]);
    await first.next();
    expect([feed.room, calls]).toEqual([3, 3]);
    await first.return!();
    await first.return!();
    await second.return!();
    expect([feed.room, calls, feed.hasReaders]).toEqual([0, 5, false]);
  });

  test('ends a reader with its signal, after what it has, and with return() at once', async () => {
    const feed = new ItemFeed<number>(4);
    const stop = new AbortController();
    const reader = feed.read({ signal: stop.signal });
    feed.push(1);
    stop.abort();
    feed.push(2);
    expect(await reader.next()).toEqual({ done: false, value: 1 });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
    expect((await feed.read({ signal: stop.signal }).next()).done).toBe(true);
    const other = feed.read();
    const pending = feed.read();
    const next = pending.next();
    feed.push(3);
    expect((await next).value).toBe(3);
    await other.return!();
    expect((await other.next()).done).toBe(true);
    const last = pending.next();
    await pending.return!();
    expect((await last).done).toBe(true);
  });

  test('is read with for await', async () => {
    const feed = new ItemFeed<number>(4);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const item of feed.read()) {
        seen.push(item);
        if (item === 2) break;
      }
    })();
    feed.push(1);
    feed.push(2);
    feed.push(3);
    await reading;
    expect([seen, feed.hasReaders]).toEqual([[1, 2], false]);
  });
});
