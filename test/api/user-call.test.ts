import { expect, test } from 'vitest';

import { callUser, isThenable } from '../../src/api/user-call.ts';
import { turns } from '../support/turn.ts';

const problem = new Error('on purpose');

test.for<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw problem;
    },
  ],
  ['rejects', async () => Promise.reject(problem)],
  [
    'rejects as a thenable',
    // biome-ignore lint/suspicious/noThenProperty: a thenable that is no promise
    () => ({ then: (_: unknown, reject: (e: Error) => void) => reject(problem) }),
  ],
  [
    'has a `then` that throws',
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: a thenable that is no promise
      get then() {
        throw problem;
      },
    }),
  ],
])('E19: a function that %s is reported once', async ([, call]) => {
  const faults: unknown[] = [];
  callUser(call, (error) => faults.push(error));
  await turns();
  expect(faults).toEqual([problem]);
});

test('a function that succeeds is not reported', async () => {
  const faults: unknown[] = [];
  for (const call of [() => 1, () => undefined, async () => 'done'])
    callUser(call, (error) => faults.push(error));
  await turns();
  expect(faults).toEqual([]);
});

test('only objects with a `then` are thenables', () => {
  expect([Promise.resolve(), null, undefined, 'then', {}, () => {}].map(isThenable)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
