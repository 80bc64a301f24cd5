import { describe, expect, test } from 'vitest';
import {
  ARRIVAL_MS,
  MAX_REQUESTED_BYTES,
  MAX_REQUESTED_HASHES,
  MAX_WAITING_HASHES,
  RETRIEVAL_TIMEOUT_MS,
  type Source,
  TransactionRetrieval,
} from '../../src/protocols/transaction-retrieval.ts';
import { StepClock } from '../support/step-clock.ts';

function stage() {
  const clock = new StepClock();
  const received = new Set<string>();
  const state = { room: 10_000, missed: 0 };
  const retrieval = new TransactionRetrieval({
    room: () => state.room,
    isReceived: (hash) => received.has(hash),
    onMissed: (count) => {
      state.missed += count;
    },
  });
  let ids = 0n;
  const source = (canSend = true) => {
    const requests: { readonly id: bigint; readonly hashes: readonly string[] }[] = [];
    const one: Source = {
      request(hashes) {
        if (!canSend) return null;
        ids += 1n;
        requests.push({ id: ids, hashes });
        return ids;
      },
    };
    retrieval.add(one, clock);
    return {
      one,
      requests,
      announce: (...hashes: readonly string[]) =>
        retrieval.announce(
          one,
          hashes.map((hash) => ({ hash, size: 100 })),
        ),
      /** Answers the latest request. */
      answer(...hashes: readonly string[]) {
        for (const hash of hashes) received.add(hash);
        retrieval.answered(one, requests.at(-1)!.id, hashes);
      },
      get asked() {
        return requests.map(({ hashes }) => hashes);
      },
    };
  };
  const many = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => `h${from + index}`);
  return { clock, received, state, retrieval, source, many };
}

describe('an announced transaction', () => {
  test('is asked for 500 ms later, together with others', () => {
    const { clock, source } = stage();
    const a = source();
    a.announce('x');
    clock.advance(ARRIVAL_MS - 1);
    a.announce('y');
    expect(a.asked).toEqual([]);
    clock.advance(1);
    expect(a.asked).toEqual([['x', 'y']]);
  });

  test('that came meanwhile is not asked for', () => {
    const { clock, received, source } = stage();
    const a = source();
    received.add('z');
    a.announce('x', 'y', 'z');
    received.add('x');
    clock.advance(ARRIVAL_MS);
    expect(a.asked).toEqual([['y']]);
  });

  test('is asked from one peer at a time, and from another one that announced it when it is not given', () => {
    const { clock, source } = stage();
    const [a, b] = [source(), source()];
    a.announce('x', 'y');
    b.announce('x', 'y');
    clock.advance(ARRIVAL_MS);
    expect([a.asked, b.asked]).toEqual([[['x', 'y']], []]);
    a.answer('y');
    expect([a.asked.length, b.asked]).toEqual([1, [['x']]]);
    b.answer();
    expect([a.asked.length, b.asked.length, clock.pending]).toEqual([1, 1, 0]);
  });

  test('behind the last one of an answer is asked for again, as the answer was full', () => {
    const { clock, source } = stage();
    const a = source();
    a.announce('w', 'x', 'y', 'z');
    clock.advance(ARRIVAL_MS);
    a.answer('x');
    expect(a.asked.at(-1)).toEqual(['y', 'z']);
    a.answer();
    expect([a.asked.length, clock.pending]).toEqual([2, 0]);
  });

  test('is asked from another peer after 5 s without an answer', () => {
    const { clock, source } = stage();
    const [a, b] = [source(), source()];
    a.announce('x');
    b.announce('x');
    clock.advance(ARRIVAL_MS + RETRIEVAL_TIMEOUT_MS - 1);
    expect(b.asked).toEqual([]);
    clock.advance(1);
    expect([a.asked, b.asked]).toEqual([[['x']], [['x']]]);
    a.answer('x'); // late: it changes nothing here
    b.answer('x');
    expect(clock.pending).toBe(0);
  });

  test('is asked from another peer when the first one is gone', () => {
    const { clock, retrieval, source } = stage();
    const [a, b, idle] = [source(), source(), source()];
    a.announce('x');
    b.announce('x');
    idle.announce('y');
    retrieval.remove(idle.one);
    clock.advance(ARRIVAL_MS);
    retrieval.remove(a.one);
    retrieval.remove(a.one);
    expect([b.asked, idle.asked]).toEqual([[['x']], []]);
    a.announce('z');
    b.answer('x');
    expect(clock.pending).toBe(0);
  });
});

describe('a request', () => {
  test('has 256 hashes at most; the next one follows its answer', () => {
    const { clock, source, many } = stage();
    const a = source();
    a.announce(...many(300));
    clock.advance(ARRIVAL_MS);
    expect(a.asked).toEqual([many(MAX_REQUESTED_HASHES)]);
    a.answer(...many(MAX_REQUESTED_HASHES));
    expect(a.asked[1]).toEqual(many(44, 256));
  });

  test('has 128 KiB of announced bytes at most, unless one transaction alone has more', () => {
    const { clock, retrieval, source } = stage();
    const a = source();
    const sizes = { big: MAX_REQUESTED_BYTES + 1, b: MAX_REQUESTED_BYTES / 2, c: 65_536, d: 1 };
    retrieval.announce(
      a.one,
      Object.entries(sizes).map(([hash, size]) => ({ hash, size })),
    );
    clock.advance(ARRIVAL_MS);
    a.answer('big');
    a.answer('b', 'c');
    expect(a.asked).toEqual([['big'], ['b', 'c'], ['d']]);
  });

  test('is not made while there is no room, and made when there is again', () => {
    const { clock, state, retrieval, source } = stage();
    const a = source();
    state.room = MAX_REQUESTED_HASHES - 1;
    a.announce('x');
    clock.advance(ARRIVAL_MS);
    retrieval.resume();
    expect(a.asked).toEqual([]);
    state.room += 1;
    retrieval.resume();
    expect(a.asked).toEqual([['x']]);
    retrieval.resume();
    expect(a.asked).toHaveLength(1);
  });

  test('counts what is asked for already as taken room', () => {
    const { clock, state, source, many } = stage();
    const [a, b] = [source(), source()];
    state.room = 2 * MAX_REQUESTED_HASHES - 1;
    a.announce(...many(256));
    b.announce('x');
    clock.advance(ARRIVAL_MS);
    expect([a.asked.length, b.asked.length]).toEqual([1, 0]);
    a.answer(...many(256));
    expect(b.asked).toEqual([['x']]);
  });

  test('that cannot be sent is not waited for', () => {
    const { clock, source } = stage();
    const a = source(false);
    a.announce('x');
    clock.advance(ARRIVAL_MS);
    expect(clock.pending).toBe(0);
  });
});

test('a peer has 4,096 waiting hashes at most; more are counted as missed', () => {
  const { state, source, many } = stage();
  const a = source();
  a.announce(...many(MAX_WAITING_HASHES + 3));
  a.announce('h0');
  expect(state.missed).toBe(3);
});
