/** `peerchart charts` and `peerchart completion`: what is printed without a network. */
import { Argument, Option } from 'commander';
import { printableJson } from '../io/wire/printable.ts';
import { CHART_FORMATS, type ChartsOptions, charts } from './charts.ts';
import type { CliCommand, CommandContext } from './cli-command.ts';
import { completionScript, SHELLS, type Shell } from './completion.ts';

export function addCharts(program: CliCommand, { terminal, exit }: CommandContext): void {
  program
    .command('charts')
    .description('Name the statecharts, or print one.')
    .argument('[machine]', 'name of a machine, such as peer')
    .addOption(
      new Option('--format <format>', 'text, mermaid or svg')
        .choices(CHART_FORMATS)
        .default('text'),
    )
    .option('--json', 'print one JSON object')
    .example('charts', 'charts connection-setup', 'charts peer --format svg > peer.svg')
    .action(async (machine: string | undefined, options: ChartsOptions) =>
      exit(await charts(machine, options, terminal)),
    );
}

export function addCompletion(program: CliCommand, { terminal }: CommandContext): void {
  program
    .command('completion')
    .description('Print a script with which a shell completes commands and options.')
    .addArgument(new Argument('<shell>', SHELLS.join(', ')).choices(SHELLS))
    .option('--json', 'print one JSON object')
    .example(...SHELLS.map((shell) => `completion ${shell}`))
    .action((shell: Shell, { json = false }: { readonly json?: boolean }) => {
      const text = completionScript(shell, program);
      const report = { type: 'completion', shell, text };
      terminal.stdout.write(json ? `${printableJson(report)}\n` : text);
    });
}
