import { describe, expect, test } from 'vitest';

import {
  isTooLarge,
  MAX_TALK_PROTOCOLS,
  MAX_TALK_RESPONSE_BYTES,
  MAX_TALKS,
  TALK_TIMEOUT_MS,
  type TalkHandler,
  TalkHandlers,
  type TalkRequest,
} from '../../../src/io/discovery/talk-handlers.ts';
import { keyOf, nodeOf } from '../../support/discv4-net.ts';
import { StepClock } from '../../support/step-clock.ts';

const from = { host: '192.0.2.1', port: 30303 };
const request: TalkRequest = { node: nodeOf(keyOf(1), from), from, payload: Uint8Array.of(1) };
const EMPTY = new Uint8Array();

describe('a handler', () => {
  test('answers what it returns, now or later', async () => {
    const { talks, ask } = stage();
    talks.add('now', ({ payload }) => Uint8Array.of(...payload, 2));
    talks.add('later', async () => Uint8Array.of(3));
    expect(ask('now')).toEqual([Uint8Array.of(1, 2)]);
    const answers = ask('later');
    expect([answers, talks.size]).toEqual([[], 1]);
    await Promise.resolve();
    await Promise.resolve();
    expect([answers, talks.size]).toEqual([[Uint8Array.of(3)], 0]);
  });

  test('replaces the one before, and removes only itself', () => {
    const { talks, ask } = stage();
    const removeFirst = talks.add('x', () => Uint8Array.of(1));
    const removeSecond = talks.add('x', () => Uint8Array.of(2));
    removeFirst();
    expect(ask('x')).toEqual([Uint8Array.of(2)]);
    removeSecond();
    expect(ask('x')).toEqual([EMPTY]);
  });

  test('that throws, rejects or returns no bytes answers with nothing, and is reported', async () => {
    const { talks, ask, faults } = stage();
    talks.add('throws', () => {
      throw new Error('a');
    });
    talks.add('rejects', () => Promise.reject(new Error('b')));
    talks.add('text', (() => Promise.resolve('text')) as unknown as TalkHandler);
    const answers = ['throws', 'rejects', 'text'].map(ask);
    await new Promise((resolve) => setImmediate(resolve));
    expect(answers).toEqual([[EMPTY], [EMPTY], [EMPTY]]);
    expect(faults.map(String)).toEqual([
      'Error: a',
      'Error: b',
      'TypeError: a talk handler returns bytes, or a promise of bytes',
    ]);
  });

  test('whose response does not fit into a packet answers with nothing', () => {
    const { talks, ask } = stage();
    talks.add('fits', () => new Uint8Array(MAX_TALK_RESPONSE_BYTES));
    talks.add('large', () => new Uint8Array(MAX_TALK_RESPONSE_BYTES + 1));
    expect(ask('fits')[0]?.length).toBe(MAX_TALK_RESPONSE_BYTES);
    expect(ask('large')).toEqual([EMPTY]);
  });

  test('that is too late answers with nothing, once', async () => {
    const { talks, ask, clock } = stage();
    let finish = (_: Uint8Array): void => {};
    talks.add('slow', () => new Promise((resolve) => (finish = resolve)));
    const answers = ask('slow');
    clock.advance(TALK_TIMEOUT_MS - 1);
    expect(answers).toEqual([]);
    clock.advance(1);
    expect(answers).toEqual([EMPTY]);
    finish(Uint8Array.of(9));
    await Promise.resolve();
    expect([answers, talks.size]).toEqual([[EMPTY], 0]);
  });
});

test('a request fits into a packet with 1,176 bytes and a name of one letter', () => {
  expect(isTooLarge({ protocol: 'x', payload: new Uint8Array(1_176) })).toBe(false);
  expect(isTooLarge({ protocol: 'x', payload: new Uint8Array(1_177) })).toBe(true);
  expect(isTooLarge({ protocol: 'é', payload: new Uint8Array(1_176) })).toBe(true);
});

test('a protocol without a handler answers with nothing', () => {
  expect(stage().ask('unknown')).toEqual([EMPTY]);
});

test('64 handlers are at work at the same time, and further requests are answered with nothing', () => {
  const { talks, ask } = stage();
  talks.add('slow', () => new Promise(() => {}));
  for (let index = 0; index < MAX_TALKS; index += 1) expect(ask('slow')).toEqual([]);
  expect(ask('slow')).toEqual([EMPTY]);
  talks.close();
});

test('there are handlers for 64 protocols at most', () => {
  const { talks } = stage();
  const handler = () => EMPTY;
  for (let index = 0; index < MAX_TALK_PROTOCOLS; index += 1) talks.add(`${index}`, handler);
  expect(() => talks.add('one more', handler)).toThrow(RangeError);
  expect(() => talks.add('0', handler)).not.toThrow();
});

test('no response follows after the end, and no timer is left', () => {
  const { talks, ask, clock } = stage();
  talks.add('slow', () => new Promise(() => {}));
  const answers = ask('slow');
  talks.close();
  expect([answers, clock.pending, talks.size]).toEqual([[], 0, 0]);
});

function stage() {
  const clock = new StepClock();
  const faults: unknown[] = [];
  const talks = new TalkHandlers(clock, (error) => void faults.push(error));
  const ask = (protocol: string) => {
    const answers: Uint8Array[] = [];
    talks.handle(protocol, request, (payload) => answers.push(payload));
    return answers;
  };
  return { clock, talks, ask, faults };
}
