/** `peerchart replay` and `peerchart inspect`: what reads recordings. */
import { readPort } from './arguments.ts';
import type { CliCommand, CommandContext } from './cli-command.ts';
import { type InspectFileOptions, inspectFile } from './inspect.ts';
import { type ReplayOptions, replay } from './replay.ts';
import { INTERRUPTED } from './terminal.ts';

export function addRecordings(program: CliCommand, { terminal, exit }: CommandContext): void {
  program
    .command('replay')
    .description('Replay a recording, and print the first difference if there is one.')
    .argument('<file>', 'a file made by run --record')
    .option('--json', 'print one JSON object')
    .example('replay run.jsonl')
    .exits({
      0: 'every transition is the same',
      1: 'one differs',
      2: 'the file cannot be read',
      [INTERRUPTED]: 'interrupted',
    })
    .action(async (file: string, options: ReplayOptions) =>
      exit(await replay(file, options, terminal)),
    );
  program
    .command('inspect')
    .description('Show a recording in a browser, until Ctrl-C.')
    .argument('<file>', 'a file made by run --record')
    .option('--port <number>', 'TCP port; 0 lets the system choose', readPort, 0)
    .option('--json', 'print links as JSON')
    .example('inspect run.jsonl')
    .exits({ 0: 'stopped by Ctrl-C', 1: 'it cannot listen', 2: 'the file cannot be read' })
    .action(async (file: string, options: InspectFileOptions) =>
      exit(await inspectFile(file, options, terminal)),
    );
}
