/** Keys and their commands. */
import { expect, test } from 'vitest';

import { commandOf, KEYS, type Press } from '../../../../src/inspect/page/app/keys.ts';

const press = (key: string, more: Partial<Press> = {}) =>
  commandOf({ key, ctrlKey: false, metaKey: false, altKey: false, on: 'page', ...more });

test.for([
  ['1', { is: 'machine', place: 0 }],
  ['7', { is: 'machine', place: 6 }],
  ['c', { is: 'tab', tab: 'connections' }],
  ['p', { is: 'tab', tab: 'peers' }],
  ['r', { is: 'tab', tab: 'reasons' }],
  ['/', { is: 'filter' }],
  [' ', { is: 'pause' }],
  ['Escape', { is: 'all' }],
  ['t', { is: 'theme' }],
  ['f', { is: 'wide' }],
  ['e', { is: 'export' }],
  ['o', { is: 'open' }],
  ['?', { is: 'help' }],
  ['[', { is: 'step', by: -1 }],
  [']', { is: 'step', by: 1 }],
  ['v', { is: 'tab', tab: 'overview' }],
  ['ArrowLeft', { is: 'step', by: -1 }],
  ['ArrowRight', { is: 'step', by: 1 }],
] as const)('%s', ([key, command]) => {
  expect(press(key)).toEqual(command);
});

test.for(['0', 'x', 'Tab', 'toString', '10'])('%s does nothing', (key) => {
  expect(press(key)).toBeNull();
});

test.for(['ctrlKey', 'metaKey', 'altKey'] as const)(
  'with %s the key is left to the browser',
  (held) => {
    expect(press('f', { [held]: true })).toBeNull();
  },
);

test('in a text field only Escape works', () => {
  for (const key of ['/', '1', 't', ' ', '?']) expect(press(key, { on: 'text' })).toBeNull();
  expect(press('Escape', { on: 'text' })).toEqual({ is: 'all' });
});

test('on a focused button the space bar presses it, and other keys work', () => {
  expect(press(' ', { on: 'control' })).toBeNull();
  expect(press('t', { on: 'control' })).toEqual({ is: 'theme' });
});

test('a focused slider keeps its arrows and the space bar', () => {
  for (const key of ['ArrowLeft', 'ArrowRight', ' '])
    expect(press(key, { on: 'slider' })).toBeNull();
  expect(press(']', { on: 'slider' })).toEqual({ is: 'step', by: 1 });
});

test('the help sheet lists exactly the keys that do something', () => {
  const NAMES: Readonly<Record<string, string>> = {
    Space: ' ',
    Esc: 'Escape',
    '←': 'ArrowLeft',
    '→': 'ArrowRight',
  };
  const told = KEYS.flatMap(({ keys }) => keys)
    .filter((key) => !['…', '↑', '↓'].includes(key)) // the list handles the arrows itself
    .map((key) => NAMES[key] ?? key);
  for (const key of told) expect(press(key)).not.toBeNull();
  const all = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at));
  const heard = [...all, 'Escape'].filter((key) => press(key) !== null);
  expect(heard.filter((key) => !told.includes(key))).toEqual(['2', '3', '4', '5', '6', '8', '9']);
});
