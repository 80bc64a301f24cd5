import { expect, test } from 'vitest';
import { tryOut } from './try-out.ts';

test.each([
  [
    ['crawl', '--network', 'sepolia'],
    'the records have no place: name one with --out, --db or --queue',
  ],
  [['crawl', '--out', 'x', '--parallel', '501'], 'expected a whole number from 1 to 500'],
  [['crawl', '--out', 'x', '--discovery', 'v6'], 'expected v4, v5 and dns'],
  [['crawl', '--out', 'x'], 'a crawl needs nodes to begin with'],
])('%j is refused', async (words, why) => {
  const { code, errors } = await tryOut(words);
  expect(code).toBe(1);
  expect(errors).toContain(why);
});

test('the help of crawl has its options and exit codes', async () => {
  const { output } = await tryOut(['crawl', '--help']);
  for (const text of ['--discovery', '--dns-tree', '--idle', '--db', 'the same command continues'])
    expect(output).toContain(text);
});
