/** Runs the command line with these words to its end. */

import type { Ports } from '../../src/api/options.ts';
import { runProgram } from '../../src/cli/program.ts';
import { FakeTerminal } from './fake-terminal.ts';

export async function tryOut(words: readonly string[], ports: Partial<Ports> = {}) {
  const terminal = new FakeTerminal();
  const code = await runProgram(words, terminal, ports);
  await new Promise((resolve) => setImmediate(resolve)); // what was written has arrived
  return { code, output: terminal.output, errors: terminal.errors };
}
