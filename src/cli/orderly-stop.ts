/** The stop of a command that runs something: in order, and in bounded time. */
import type { Clock } from '../io/process/clock.ts';
import type { Terminal } from './terminal.ts';

/** Longest orderly stop, in ms; then the process ends. Ours. */
export const STOP_TIMEOUT_MS = 5_000;

type Stoppable = { stop(): Promise<void> };

type StopPorts = {
  readonly clock: Clock;
  readonly terminal: Pick<Terminal, 'end'>;
  /** Writes a line for people. */
  readonly say: (text: string) => void;
};

/** @returns The exit code: 1 when an error was said. */
export async function stopInTime(
  running: Stoppable,
  { clock, terminal, say }: StopPorts,
): Promise<number> {
  const limit = clock.setTimeout(() => {
    say(`not everything stopped within ${STOP_TIMEOUT_MS / 1_000} s`);
    terminal.end(1);
  }, STOP_TIMEOUT_MS);
  try {
    await running.stop();
    return 0;
  } catch (error) {
    say((error as Error).message);
    return 1;
  } finally {
    clock.clearTimeout(limit);
  }
}
