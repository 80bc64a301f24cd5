/**
 * The eth that `why` speaks. Our Status follows theirs, so that theirs is known whatever they think of ours: it is that of
 * a given network, or of the network that theirs names.
 */
import type { Message, Protocol } from '../api/protocol.ts';
import { WireError } from '../io/wire/error.ts';
import { decodeStatus } from '../io/wire/eth-status.ts';
import type { Chain } from '../io/wire/fork-id.ts';
import { eth } from '../protocols/eth.ts';
import { NETWORKS, type Network, networkOf } from '../protocols/networks.ts';
import { firstMessage } from './first-message.ts';
import { headOf } from './network-option.ts';

/** Longest wait for their Status before we send ours, in ms: they wait 5 s for it. Ours. */
const THEIR_STATUS_MS = 2_000;

export type WhyEthOptions = {
  /** Null: the one that their Status names; mainnet when none comes in time. */
  readonly network: Network | null;
  readonly unixTimeMs: () => number;
  /** Called when their Status is awaited. */
  readonly onWait: () => void;
};

export function whyEth({ network, unixTimeMs, onWait }: WhyEthOptions): readonly Protocol[] {
  const protocolsOf = (chain: Chain): readonly Protocol[] =>
    eth({ chain, head: headOf({ chain }, unixTimeMs) }).protocols;
  const { chain: usual } = network ?? NETWORKS.mainnet;
  return protocolsOf(usual).map(({ attributes, ...offered }) => ({
    ...offered,
    async run(peer, given, tools) {
      onWait();
      const { message, port } = await firstMessage(given, tools.clock, THEIR_STATUS_MS);
      const named = message && !network ? chainIn(offered.version, message) : null;
      const speaking = protocolsOf(named ?? usual);
      await speaking.find(({ version }) => version === offered.version)?.run(peer, port, tools);
    },
  }));
}

/** Of a chain that is no public network the forks are not known. Null when it is no Status. */
function chainIn(version: number, { code, payload }: Message): Chain | null {
  if (code !== 0) return null;
  try {
    const { networkId, genesis } = decodeStatus(version, payload);
    const id = Number(networkId);
    const known = networkOf({ networkId: id, genesisHash: genesis });
    const others = { genesisTime: 0, blocks: [], times: [] };
    return known?.chain ?? { networkId: id, genesisHash: genesis, ...others };
  } catch (error) {
    if (error instanceof WireError) return null; // the session says what is wrong with it
    throw error;
  }
}
