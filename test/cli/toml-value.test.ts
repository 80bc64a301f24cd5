import { expect, test } from 'vitest';
import { SETTINGS } from '../../src/cli/settings.ts';
import { booleanIn, settingIn, textIn, withGiven } from '../../src/cli/toml-value.ts';

test('values of a file are those that flags give', () => {
  expect(settingIn(3, SETTINGS['server.maxPeers'])).toBe(3);
  expect(settingIn('x', SETTINGS.datadir)).toBe('x');
  expect(settingIn(false, SETTINGS.echo)).toBe(false);
  expect(settingIn(['eth/69', 'mine/1:5'], SETTINGS.offer)).toEqual(['eth/69', 'mine/1:5']);
  expect(settingIn([], SETTINGS['server.staticNodes'])).toEqual([]);
});

test('a value of another type is refused', () => {
  expect(() => settingIn('3', SETTINGS['server.maxPeers'])).toThrow('Expected a number.');
  expect(() => settingIn(Number.POSITIVE_INFINITY, SETTINGS['server.maxPeers'])).toThrow(/whole/);
  expect(() => settingIn(['eth/69', 1], SETTINGS.offer)).toThrow('Item 2: expected a text, got 1');
  expect(() => textIn(1)).toThrow('Expected a text.');
  expect(() => booleanIn('true')).toThrow('Expected true or false.');
});

test('a reason as part of a line has the value, shortened, when it says what was expected', () => {
  expect(withGiven('Expected a text.', 3)).toBe('expected a text, got 3');
  expect(withGiven('Expected 3 bytes, got 4.', 3)).toBe('expected 3 bytes, got 4');
  expect(withGiven('There is none', 3)).toBe('there is none');
  expect(withGiven('Expected a number.', 'x'.repeat(99))).toBe(
    `expected a number, got "${'x'.repeat(59)}…`,
  );
});
