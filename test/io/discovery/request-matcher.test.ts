import { describe, expect, test } from 'vitest';

import {
  type Answer,
  type Expectation,
  LATE_ANSWER_MS,
  MAX_PACKETS_PER_REQUEST,
  MAX_REQUESTS,
  RESPONSE_TIMEOUT_MS,
  RequestMatcher,
} from '../../../src/io/discovery/request-matcher.ts';
import { StepClock } from '../../support/step-clock.ts';

const AT = { host: '46.0.0.1', port: 30303 };
const HASH = new Uint8Array(32).fill(1);
const neighbors: Answer = { type: 'neighbors', nodes: [], expiration: 0 };
const pong: Answer = {
  ...{ type: 'pong', to: { host: '', udpPort: 0, tcpPort: 0 } },
  ...{ pingHash: HASH, expiration: 0, recordSeq: null },
};

describe('an answer', () => {
  test('ends the request when it is complete', () => {
    const { matcher, calls, add } = stage();
    add();
    expect(matcher.refusalOf(pong, AT)).toBeNull();
    expect(matcher.give(pong, AT, 'a')).toBeNull();
    expect([calls, matcher.size]).toEqual([['answer'], 0]);
  });

  test('leaves the request when it is not, without more time', () => {
    const { clock, matcher, calls, add } = stage();
    add({ kind: 'neighbors', hash: null, onAnswer: () => false });
    clock.advance(RESPONSE_TIMEOUT_MS - 1);
    matcher.give(neighbors, AT, 'a');
    expect(matcher.size).toBe(1);
    clock.advance(1);
    expect(calls).toEqual(['timeout']);
  });

  test('goes to every request that waits for it', () => {
    const { matcher, calls, add } = stage();
    add({ kind: 'neighbors', hash: null });
    add({ kind: 'neighbors', hash: null });
    matcher.give(neighbors, AT, 'a');
    expect(calls).toEqual(['answer', 'answer']);
  });

  test('K7: of another kind, from another port, with another hash or of another node is refused', () => {
    const { matcher, calls, add } = stage();
    add();
    expect(matcher.refusalOf(neighbors, AT)).toBe('unsolicitedAnswer');
    expect(matcher.refusalOf(pong, { ...AT, port: 1 })).toBe('unsolicitedAnswer');
    expect(matcher.refusalOf({ ...pong, pingHash: new Uint8Array(32) }, AT)).toBe(
      'wrongRequestHash',
    );
    expect(matcher.give(pong, AT, 'b')).toBe('answerOfAnotherKey');
    expect([calls, matcher.size]).toEqual([[], 1]);
  });

  test('to a record request repeats its hash too', () => {
    const { matcher, add } = stage();
    add({ kind: 'enrResponse' });
    const response: Answer = { type: 'enrResponse', requestHash: HASH, record: HASH };
    expect(matcher.refusalOf({ ...response, requestHash: new Uint8Array(32) }, AT)).toBe(
      'wrongRequestHash',
    );
    expect(matcher.refusalOf(response, AT)).toBeNull();
  });

  test('K7: forged ones are looked at ten times for each request', () => {
    const { matcher, add } = stage();
    add({ kind: 'neighbors', hash: null });
    const looks = Array.from({ length: MAX_PACKETS_PER_REQUEST + 1 }, () =>
      matcher.refusalOf(neighbors, AT),
    );
    expect(looks).toEqual([...Array(MAX_PACKETS_PER_REQUEST).fill(null), 'tooManyAnswers']);
  });

  test('that comes after the time limit is late for five seconds, and then unsolicited', () => {
    const { clock, matcher, add } = stage();
    add();
    clock.advance(RESPONSE_TIMEOUT_MS);
    expect(matcher.refusalOf(pong, AT)).toBe('lateAnswer');
    clock.advance(LATE_ANSWER_MS);
    expect(matcher.refusalOf(pong, AT)).toBe('lateAnswer');
    clock.advance(1);
    expect(matcher.refusalOf(pong, AT)).toBe('unsolicitedAnswer');
  });
});

describe('a request', () => {
  test('ends after 500 ms', () => {
    const { clock, matcher, calls, add } = stage();
    add();
    clock.advance(RESPONSE_TIMEOUT_MS - 1);
    expect(calls).toEqual([]);
    clock.advance(1);
    expect([calls, matcher.size, clock.pending]).toEqual([['timeout'], 0, 0]);
  });

  test('has its time again when this process stood still', () => {
    const { clock, matcher, calls, add } = stage();
    let run = () => {};
    const late = {
      ...clock,
      now: clock.now,
      clearTimeout: () => {},
      setTimeout: (due: () => void) => (run = due),
    };
    const stalled = new RequestMatcher(late);
    stalled.add(expectationOf(calls));
    clock.advance(5_000);
    run();
    expect([calls, stalled.size, matcher.size]).toEqual([[], 1, 0]);
    run();
    expect(calls).toEqual(['timeout']);
    void add;
  });

  test('that is cancelled ends without a call, once', () => {
    const { clock, matcher, calls, add } = stage();
    const cancel = add();
    cancel?.();
    cancel?.();
    expect([calls, matcher.size, clock.pending]).toEqual([[], 0, 0]);
    expect(matcher.isWaiting('pong', AT)).toBe(false);
  });

  test('is counted until there is an answer', () => {
    const { clock, matcher, add } = stage();
    add();
    add();
    clock.advance(RESPONSE_TIMEOUT_MS);
    expect(matcher.timeoutsInARow).toBe(2);
    add();
    matcher.give(pong, AT, 'a');
    expect(matcher.timeoutsInARow).toBe(0);
  });

  test('K3: is not added when 512 wait', () => {
    const { matcher, add } = stage();
    const cancels = Array.from({ length: MAX_REQUESTS + 1 }, () => add());
    expect(cancels.at(-1)).toBeNull();
    cancels[0]?.();
    expect([matcher.size, add() === null, matcher.size]).toEqual([511, false, 512]);
  });

  test('ends with the socket', () => {
    const { clock, matcher, calls, add } = stage();
    add();
    add({ kind: 'neighbors', hash: null });
    matcher.close();
    expect([calls, matcher.size, clock.pending]).toEqual([['closed', 'closed'], 0, 0]);
  });
});

function stage() {
  const clock = new StepClock();
  const matcher = new RequestMatcher(clock);
  const calls: string[] = [];
  const add = (changes: Partial<Expectation> = {}) =>
    matcher.add({ ...expectationOf(calls), ...changes });
  return { clock, matcher, calls, add };
}

function expectationOf(calls: string[]): Expectation {
  return {
    ...{ id: 'a', endpoint: AT, kind: 'pong', hash: HASH },
    onAnswer: () => {
      calls.push('answer');
      return true;
    },
    onTimeout: () => calls.push('timeout'),
    onClosed: () => calls.push('closed'),
  };
}
