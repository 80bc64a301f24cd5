import { expect, test } from 'vitest';

import { printableFacts } from '../../src/explain/printable-facts.ts';

test('texts among the facts are escaped and shortened, other values stay', () => {
  const facts = { theirs: 'a\u202eb\n', long: 'x'.repeat(300), code: 4, cut: true };
  expect(printableFacts(facts)).toEqual({
    theirs: 'a\\u{202e}b\\u{a}',
    long: `${'x'.repeat(127)}…`,
    code: 4,
    cut: true,
  });
  expect(printableFacts(facts, 10)).toMatchObject({ long: `${'x'.repeat(9)}…` });
});
