/** `peerchart demo` with its options. */
import { readPort, readSeed, readSpeed } from './arguments.ts';
import type { CliCommand, CommandContext } from './cli-command.ts';
import { type DemoOptions, demo } from './demo.ts';

/** The default seed. */
const SEED = 1;

export function addDemo(program: CliCommand, { terminal, ports, exit }: CommandContext): void {
  program
    .command('demo')
    .description('Show a simulated network with every kind of failure in a browser, until Ctrl-C.')
    .option('--port <number>', 'TCP port of the page; 0 lets the system choose', readPort, 0)
    .option('--seed <number>', 'the same seed repeats the same run', readSeed, SEED)
    .option('--speed <number>', 'simulated seconds per real second', readSpeed, 1)
    .option('--json', 'print one JSON object per line')
    .example('demo', 'demo --seed 7 --speed 5')
    .exits({ 0: 'stopped by Ctrl-C', 1: 'the simulation found a fault, or an error' })
    .action(async (options: DemoOptions) => exit(await demo(options, terminal, ports.clock)));
}
