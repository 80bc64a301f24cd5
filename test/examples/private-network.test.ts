import { expect, test, vi } from 'vitest';

test('a rumour reaches all nodes of a private network, faster than around the ring', async () => {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const { travelled } = await import('../../examples/private-network.ts').finally(() =>
    log.mockRestore(),
  );
  expect(travelled.nodes).toBe(20);
  expect(travelled.sessions).toBeGreaterThan(20); // a ring and shortcuts
  expect(travelled.hops).toBeLessThan(10); // around the ring it would be 10 at least
  expect(travelled.ms).toBeGreaterThanOrEqual(travelled.hops * 50);
  expect(lines).toEqual([
    expect.stringMatching(/^20 nodes, \d+ sessions: all nodes reached after/),
  ]);
});
