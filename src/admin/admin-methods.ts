/**
 * The methods of the admin API: those of go-ethereum with its names and shapes, and ours under `peerchart`.
 * Source: go-ethereum node/api.go, internal/ethapi/api.go, NetAPI.
 */
import { parseNode } from '../io/crypto/node.ts';
import type { Server } from '../server.ts';
import type { BucketNode } from './discovery-buckets.ts';
import { RpcError } from './json-rpc.ts';
import { peerEvents } from './peer-events.ts';
import type { RecentEnding } from './recent-endings.ts';
import type { RpcMethod, RpcTable } from './rpc-service.ts';
import { serverFacts } from './server-facts.ts';

export type AdminSources = {
  readonly server: Server;
  readonly datadir: string | null;
  readonly networkId: number | null;
  /** The newest first; of all nodes for null. */
  readonly endingsOf: (id: string | null) => readonly RecentEnding[];
  /** Null without Node Discovery v4. */
  readonly buckets: () => readonly (readonly BucketNode[])[] | null;
  /** Since the API was opened, in ms. */
  readonly openMs: () => number;
  /** Bounds and counts of the API itself. */
  readonly ownLimits: () => object;
};

export function adminTable(sources: AdminSources): RpcTable {
  const { server, datadir, networkId, endingsOf, buckets } = sources;
  const methods: Readonly<Record<string, RpcMethod>> = {
    admin_addPeer: aboutNode((node) => server.addPeer(node)),
    admin_removePeer: aboutNode((node) => server.removePeer(node)),
    admin_addTrustedPeer: aboutNode((node) => server.addTrustedPeer(node)),
    admin_removeTrustedPeer: aboutNode((node) => server.removeTrustedPeer(node)),
    admin_peers: asking(() => server.peersInfo()),
    admin_nodeInfo: asking(() => {
      const info = server.nodeInfo();
      return { ...info, enr: info.enr ?? '' };
    }),
    admin_datadir: asking(() => datadir ?? ''),
    net_peerCount: asking(() => `0x${server.peerCount.toString(16)}`),
    net_listening: asking(() => server.self.address !== null),
    net_version: asking(() => {
      if (networkId !== null) return String(networkId);
      throw new RpcError('failed', 'no network id is configured');
    }),
    web3_clientVersion: asking(() => server.nodeInfo().name),
    debug_discoveryV4Table: asking(buckets),
    peerchart_connections: asking(() => server.connections()),
    peerchart_why: {
      params: [0, 1],
      run: (node) => endingsOf(node === undefined ? null : idOf(node)),
    },
    peerchart_discovery: asking(() => ({
      v4: server.discovery?.stats() ?? null,
      v5: server.discoveryV5?.stats() ?? null,
      dnsTrees: server.dnsTrees,
    })),
    peerchart_facts: asking(() => serverFacts(server, sources.openMs())),
    peerchart_limits: asking(() => ({ server: limitsOf(server), admin: sources.ownLimits() })),
  };
  return {
    methods: new Map(Object.entries(methods)),
    subscriptions: new Map([['admin_peerEvents', peerEvents(server)]]),
  };
}

const asking = (run: () => unknown): RpcMethod => ({ params: [0, 0], run });

/** The result is `true`, as in go-ethereum: it is done, or will be. */
const aboutNode = (act: (node: string) => unknown): RpcMethod => ({
  params: [1, 1],
  run: async (node) => {
    readable(() => parseNode(node!));
    await readable(() => act(node!));
    return true;
  },
});

const NODE_ID = /^[0-9a-f]{64}$/i;

const idOf = (text: string): string =>
  NODE_ID.test(text) ? text.toLowerCase() : readable(() => parseNode(text)).id;

/** TypeErrors of a call whose only input is the text of a node are about that text. */
function readable<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new RpcError('failed', error.message, { cause: error });
  }
}

/** In effect now, from what the server was started with. */
function limitsOf({ actor }: Server): object {
  const { rules, slots, dial } = actor.getSnapshot().context.input;
  const { maxPeers, maxInbound, maxPerSubnet } = rules;
  const { maxDialed, maxActive } = dial.rules;
  return {
    ...{ maxPeers, maxInbound, maxDialed, maxPeersPerSubnet: maxPerSubnet },
    ...{ maxInboundHandshakes: slots, maxDials: maxActive },
  };
}
