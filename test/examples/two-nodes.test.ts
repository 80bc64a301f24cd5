import { expect, test, vi } from 'vitest';

test('the example of the README runs to its end and says what it promises', async () => {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  try {
    await import('../../examples/two-nodes.ts');
  } finally {
    log.mockRestore();
  }
  expect(lines).toEqual(['inbound: hello', 'static: hi', 'refused: ending.refused.requested']);
});
