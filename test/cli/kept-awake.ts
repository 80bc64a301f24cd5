/** Counts the intervals by which a command keeps the process running. */
import { onTestFinished, vi } from 'vitest';

/** @returns How many were begun since this call and not ended. */
export function keptAwake(): () => number {
  const begun = vi.spyOn(globalThis, 'setInterval');
  const ended = vi.spyOn(globalThis, 'clearInterval');
  onTestFinished(() => {
    begun.mockRestore();
    ended.mockRestore();
  });
  return () => {
    const over = new Set(ended.mock.calls.map(([timer]) => timer));
    return begun.mock.results.filter(({ value }) => value.hasRef() && !over.has(value)).length;
  };
}
