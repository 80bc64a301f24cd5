import { expect, test, vi } from 'vitest';

test('a message reaches all nodes of a private network in fewer hops than around the ring', async () => {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const { result } = await import('../../examples/private-network.ts').finally(() =>
    log.mockRestore(),
  );
  expect(result.nodes).toBe(20);
  expect(result.sessions).toBeGreaterThan(20); // a ring and shortcuts
  expect(result.hops).toBeLessThan(10); // around the ring it would be at least 10
  expect(result.ms).toBeGreaterThanOrEqual(result.hops * 50);
  expect(lines).toEqual([
    expect.stringMatching(/^20 nodes, \d+ sessions: all nodes reached after/),
  ]);
});
