import { expect, test } from 'vitest';

import { progressBar, progressLine } from '../../src/cli/crawl-progress.ts';

const counts = { known: 2_000, asked: 1_500, answered: 1_234 };

test('a line says how many nodes are asked, known and answer', () => {
  expect(progressLine(counts, 61.4)).toBe('1,500 of 2,000 nodes asked, 1,234 answer, 61 s');
});

test('a bar is filled by the share that is asked, on the same line', () => {
  expect(progressBar(counts, 1)).toContain(`\r\u001b[K${'█'.repeat(18)}${'░'.repeat(6)} 1,500 of`);
  expect(progressBar({ known: 0, asked: 0, answered: 0 }, 0)).toMatch(/░{24} 0 of 0/);
});
