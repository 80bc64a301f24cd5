import { expect, test } from 'vitest';

import { document, fence, heading, table } from '../../src/charts/markdown.ts';

test('a cell with a line break or a bar stays in its row', () => {
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

test('blocks are separated by one blank line, and empty blocks are left out', () => {
  expect(document([heading(2, 'T'), '', fence('js', '1')])).toBe('## T\n\n```js\n1\n```\n');
});
