/** `run` on loopback, in the background until the test is over. */
import { onTestFinished } from 'vitest';
import { type RunOptions, run } from '../../src/cli/run.ts';
import { FakeTerminal } from './fake-terminal.ts';

export const listen = { host: '127.0.0.1', port: 0 };

export type Wishes = Partial<Omit<RunOptions, 'server'>> & {
  readonly server?: RunOptions['server'];
};

export function begin({ server, ...wishes }: Wishes = {}): {
  terminal: FakeTerminal;
  code: Promise<number>;
} {
  const terminal = new FakeTerminal();
  const code = run(
    { json: true, logLevel: 'warn', ...wishes, server: { listen, ...server } },
    terminal,
  );
  onTestFinished(async () => {
    terminal.stop();
    await code;
  });
  return { terminal, code };
}
