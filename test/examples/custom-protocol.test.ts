/** The example has a test of its own beside it, which runs with the others. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('a protocol and its test are less than 60 lines together', () => {
  const lines = ['custom-protocol.ts', 'custom-protocol.test.ts'].map((name) => {
    const text = readFileSync(new URL(`../../examples/${name}`, import.meta.url), 'utf8');
    return text.split('\n').length - 1;
  });
  expect(lines[0]! + lines[1]!).toBeLessThan(60);
});
