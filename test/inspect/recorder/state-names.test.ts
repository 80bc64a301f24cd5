import { expect, test } from 'vitest';
import type { StateValue } from 'xstate';
import { statePath } from '../../../src/actors/state-path.ts';
import { Dictionary } from '../../../src/inspect/recorder/dictionary.ts';
import { StateNames } from '../../../src/inspect/recorder/state-names.ts';

const VALUES: readonly StateValue[] = [
  'idle',
  { running: 'resting' },
  { running: 'busy' },
  { running: { busy: 'reading' } },
  { stopping: { connections: 'peers', listener: 'draining' } },
  { stopping: { connections: 'ended', listener: 'draining' } },
  { stopping: { connections: 'ended', listener: {} } },
  { stopping: { connections: { peers: 'leaving' }, listener: 'draining' } },
];

test('each state has its own number, and its state path as the name', () => {
  const names = new Dictionary();
  const states = new StateNames(names);
  const numbers = VALUES.map((value) => states.numberOf(value));
  expect(new Set(numbers).size).toBe(VALUES.length);
  expect(numbers.map((number) => names.from(number)[0])).toEqual(VALUES.map(statePath));
});

test('an equal value has the same number', () => {
  const states = new StateNames(new Dictionary());
  const numbers = VALUES.map((value) => states.numberOf(value));
  const copies = JSON.parse(JSON.stringify(VALUES)) as StateValue[];
  expect(copies.map((value) => states.numberOf(value))).toEqual(numbers);
});
