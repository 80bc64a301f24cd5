/** All commands of `peerchart`. Errors that the user can fix become one line and an exit code. */
import { CommanderError } from 'commander';
import type { Ports } from '../api/options.ts';
import { VERSION } from '../api/version.ts';
import { defaultSet, primitivesOf, primitivesText } from '../io/crypto/primitive-sets.ts';
import { printable, printableLines } from '../io/wire/printable.ts';
import { addAttach } from './attach-command.ts';
import { type AddCommands, CliCommand, type CommandContext } from './cli-command.ts';
import { ConfigurationError } from './config-file.ts';
import { addCrawl } from './crawl-command.ts';
import { addDemo } from './demo-command.ts';
import { addDiscv4, addDiscv5 } from './discovery-commands.ts';
import { addDns } from './dns-commands.ts';
import { addEnr } from './enr-commands.ts';
import { argumentErrorLine, errorLine, isUserError } from './error.ts';
import { addKey } from './key-commands.ts';
import { addPing, addWhy } from './peer-commands.ts';
import { addRecordings } from './recording-commands.ts';
import { addConfig, addDoctor, addRun } from './run-command.ts';
import { addCharts, addCompletion } from './shell-commands.ts';
import type { Terminal } from './terminal.ts';
import { addWatch } from './watch-commands.ts';

/** In the order of the help. */
const COMMANDS: readonly AddCommands[] = [
  addRun,
  addPing,
  addWhy,
  addWatch,
  addCrawl,
  addAttach,
  addDemo,
  addRecordings,
  addKey,
  addEnr,
  addDiscv4,
  addDiscv5,
  addDns,
  addConfig,
  addDoctor,
  addCharts,
  addCompletion,
];

/** Longest error that is shown, in UTF-16 units. */
const MAX_ERROR_CHARS = 4_096;

/** @returns The exit code. Only internal errors are thrown. */
export async function runProgram(
  args: readonly string[],
  terminal: Terminal,
  ports: Partial<Ports> = {},
): Promise<number> {
  let exitCode = 0;
  const exit = (code: number): void => {
    exitCode = code;
  };
  const program = createProgram({ terminal, ports, exit });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode; // commander has printed the reason
    if (!isUserError(error)) throw error;
    const lines =
      error instanceof ConfigurationError
        ? error.problems.map((one) => `peerchart: ${one}`)
        : [errorLine(error)];
    for (const line of lines) terminal.stderr.write(`${printable(line, MAX_ERROR_CHARS)}\n`);
    return 1;
  }
}

function versionLines(): readonly string[] {
  const { inUse } = primitivesOf(defaultSet());
  return [VERSION, `cryptography: ${primitivesText(inUse)}`, ...inUse.missing];
}

/** Every command with its options; nothing has run yet. */
export function createProgram(context: CommandContext): CliCommand {
  const { terminal } = context;
  const program = new CliCommand('peerchart')
    .description('A devp2p server in which every lifecycle is a statechart.')
    .option('-V, --version', 'print the version, and what does the cryptography')
    .on('option:version', () => {
      terminal.stdout.write(
        `${versionLines()
          .map((line) => printable(line))
          .join('\n')}\n`,
      );
      throw new CommanderError(0, 'commander.version', VERSION);
    })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(printableLines(text)),
      writeErr: (text) => void terminal.stderr.write(printableLines(text)),
      outputError: (text, write) => write(argumentErrorLine(text)),
    });
  for (const add of COMMANDS) add(program, context);
  return program;
}
