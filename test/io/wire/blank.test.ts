import { expect, test } from 'vitest';

import { requireNoBlanks } from '../../../src/io/wire/blank.ts';

test('printable ASCII without blanks passes', () => {
  expect(() => requireNoBlanks('text', '')).not.toThrow();
  expect(() => requireNoBlanks('text', '!abc~')).not.toThrow();
});

test.for([
  ['abc\n', 'text expected no blanks, got a line break (U+000A) at its end'],
  ['abc \t', 'text expected no blanks, got a space (U+0020) at its end'],
  ['\tabc', 'text expected no blanks, got a tab (U+0009) at its beginning'],
  ['a\rbc', 'text expected no blanks, got a carriage return (U+000D) as character 2'],
  [
    'ab\u{1f600}c',
    'text expected no blanks, got a character that is not printable ASCII (U+1F600) as character 3',
  ],
] as const)('the first other character of %j is named, with its place', ([text, message]) => {
  expect(() => requireNoBlanks('text', text)).toThrow(new TypeError(message));
});
