import { expect, test } from 'vitest';

import { thrownText } from '../../../src/io/process/thrown.ts';

test.for([
  ['an error', new TypeError('on purpose'), 'TypeError: on purpose'],
  ['text', 'just text', 'just text'],
  ['nothing', undefined, 'undefined'],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
  ['an object that has no text', Object.create(null), 'a thrown object'],
] as const)('%s has a text', ([, thrown, text]) => {
  expect(thrownText(thrown)).toBe(text);
});
