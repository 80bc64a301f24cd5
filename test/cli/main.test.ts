import { expect, onTestFinished, test, vi } from 'vitest';

test('the command runs the program with the process as its terminal', async () => {
  const { argv, exitCode } = process;
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => {
    written.mockRestore();
    process.argv = argv;
    process.exitCode = exitCode;
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      for (const listener of process.listeners(signal))
        if (!before.has(listener)) process.off(signal, listener);
  });
  const before = new Set([...process.listeners('SIGINT'), ...process.listeners('SIGTERM')]);
  process.argv = ['node', 'peerchart', '--version'];

  await import('../../src/cli/main.ts');

  expect(written.mock.calls.map(([text]) => text)).toContainEqual(
    expect.stringMatching(/^\d+\.\d+\.\d+\ncryptography: /),
  );
  expect(process.exitCode).toBe(0);
});
