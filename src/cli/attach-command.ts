/** `peerchart attach` with its options. */
import { type AttachOptions, attach } from './attach.ts';
import type { CliCommand, CommandContext } from './cli-command.ts';

export function addAttach(program: CliCommand, { terminal, ports, exit }: CommandContext): void {
  program
    .command('attach')
    .description(
      'Call a method of a running node through its admin socket and print the result. Without a method, list what there is; with a subscription, print until Ctrl-C.',
    )
    .argument('[words...]', 'data directory or socket (default: .peerchart), method, parameters')
    .option('--json', 'print the result as one JSON value in one line')
    .example(
      'attach .peerchart admin_peers',
      'attach .peerchart admin_addPeer enode://…@192.0.2.1:30303',
      'attach .peerchart admin_subscribe peerEvents',
      'attach .peerchart peerchart_why',
    )
    .exits({ 0: 'the result was printed', 1: 'the node answered with an error, or not at all' })
    .action(async (words: readonly string[], options: AttachOptions) =>
      exit(await attach(words, options, terminal, ports.clock)),
    );
}
