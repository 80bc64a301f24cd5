import { expect, test } from 'vitest';
import { crawlLine, summaryLines } from '../../src/cli/crawl-lines.ts';

const progress = {
  ...{ added: 1_200, full: 0, visiting: 7, visited: 1_000, returned: 0 },
  ...{ accepted: 600, rejected: 100, refused: 200, failed: 100 },
};

test('the line of a crawl says how far it is', () => {
  expect(crawlLine(progress, 50)).toBe(
    '1,000 of 1,200 nodes visited, 7 now: 600 accepted, 300 refused or rejected, 100 failed; 20.0/s, 50 s',
  );
  expect(crawlLine({ ...progress, added: 0 }, 0)).toContain('1,000 of 1,007 nodes');
});

test('the table has the most frequent values of each column, and counts the others', () => {
  const clients = Array.from({ length: 12 }, (_, index) => [`c${index}`, 20 - index] as const);
  const none = { reasons: [], versions: [], capabilities: [], networks: [], addresses: [] };
  const lines = summaryLines({ ...none, outcomes: [['accepted\u0007', 1_234]], clients });
  expect(lines.slice(0, 5)).toEqual(['', 'outcomes', expect.any(String), '', 'clients']);
  expect(lines[2]).toContain('1,234');
  expect(lines[2]).not.toContain('\u0007');
  expect(lines.at(-1)).toBe('  2 others  19');
  expect(lines.length).toBe(3 + 2 + 11);
});
