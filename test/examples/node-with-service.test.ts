import { expect, test, vi } from 'vitest';

test('a service counts greetings, and a node with a data directory is the same after a restart', async () => {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  try {
    await import('../../examples/node-with-service.ts');
  } finally {
    log.mockRestore();
  }
  const opened = 'opened by a node with an id of 64 digits';
  expect(lines).toEqual([
    ...[opened, opened, '1 greeting was counted', 'closed with 0 greetings'],
    ...['closed with 1 greetings', opened, 'the same node again', 'closed with 0 greetings'],
  ]);
});
