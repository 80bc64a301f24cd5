import { expect, test, vi } from 'vitest';

test('two nodes meet, and their example prints what it promises', async () => {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  try {
    await import('../../examples/two-nodes.ts');
  } finally {
    log.mockRestore();
  }
  expect(lines).toEqual(['inbound: hello', 'static: hi', 'refused: ending.refused.requested']);
});
