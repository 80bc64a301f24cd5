import { expect, test } from 'vitest';

import { document, fence, heading, table } from '../../src/charts/markdown.ts';

test('a cell never breaks its row', () => {
  expect(
    table(
      ['A', 'B'],
      [
        ['x | y', ''],
        ['two\n  lines', 'z'],
      ],
    ),
  ).toBe(['| A | B |', '|---|---|', '| x \\| y | – |', '| two lines | z |'].join('\n'));
});

test('blocks are set apart by one blank line, empty ones are left out', () => {
  expect(document([heading(2, 'T'), '', fence('js', '1')])).toBe('## T\n\n```js\n1\n```\n');
});
