/** The option `--network`: what a network of Ethereum gives a server of the command line. */
import { InvalidArgumentError } from 'commander';
import type { ServerOptions } from '../api/options.ts';
import { headAtTime } from '../io/wire/fork-id.ts';
import { forkFilter } from '../protocols/fork-filter.ts';
import { NETWORKS, type Network, type NetworkName } from '../protocols/networks.ts';

import { CommandError } from './error.ts';
import { readNetworkFile } from './network-file.ts';

export const NETWORK_NAMES = Object.keys(NETWORKS) as readonly NetworkName[];

/**
 * A public network by its name, or another chain by the path of its file, which ends in `.json`.
 *
 * @throws {CommandError} There is no such network, or the file cannot be read.
 */
export function networkNamed(text: string): Network {
  if (text.endsWith('.json')) return readNetworkFile(text);
  if (Object.hasOwn(NETWORKS, text)) return NETWORKS[text as NetworkName];
  throw new CommandError(
    `there is no network ${text}: expected ${NETWORK_NAMES.join(', ')}, or a file that ends in .json`,
  );
}

/** The same for commander. */
export function readNetwork(text: string): Network {
  try {
    return networkNamed(text);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new InvalidArgumentError(`${error.message}.`);
  }
}

/** The help of `--network`. */
export const NETWORK_HELP = `${NETWORK_NAMES.join(', ')}, or a JSON file with a chain`;

/** The head that an observer of a network names: it has no blocks, and follows the clock. @param unixTimeMs The time of day. */
export const headOf =
  ({ chain }: Pick<Network, 'chain'>, unixTimeMs: () => number) =>
  () =>
    headAtTime(chain, Math.floor(unixTimeMs() / 1_000));

/** Passes over nodes whose records name another chain. Nodes without a record pass. */
export const candidateFilterOf = (
  network: Network,
  unixTimeMs: () => number,
): NonNullable<ServerOptions['candidateFilter']> =>
  forkFilter({ chain: network.chain, head: headOf(network, unixTimeMs) });
