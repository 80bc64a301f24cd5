import { expect, test } from 'vitest';
import { createActor } from 'xstate';

import { keyOfSnapshot } from '../../../src/testing/model/snapshot-key.ts';
import { doorMachine } from '../door.ts';

const snapshot = createActor(doorMachine, { input: { isLocked: false } }).getSnapshot();
const keyOf = (context: unknown): string => keyOfSnapshot({ ...snapshot, context } as never);

test('contexts that guards can distinguish have different keys', () => {
  const run = () => {};
  const values = [
    1,
    '1',
    1n,
    null,
    undefined,
    true,
    [],
    [1],
    {},
    { a: 1 },
    { a: undefined },
    new Set(),
    new Set([1]),
    new Map(),
    new Map([[1, 2]]),
    new Uint8Array([1]),
    run,
    () => {},
    new URL('a:b'),
    new URL('a:b'),
    Symbol('x'),
  ];
  const keys = values.map((value) => keyOf({ value }));
  expect(new Set(keys).size).toBe(values.length);
});

test('equal values have the same key in any order of properties', () => {
  expect(keyOf({ a: new Map([['x', { b: 1, c: 2 }]]) })).toBe(
    keyOf({ a: new Map([['x', { c: 2, b: 1 }]]) }),
  );
  const run = () => {};
  expect(keyOf({ run })).toBe(keyOf({ run }));
});

test('cyclic objects end', () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(keyOf(circle)).toContain('…');
});
