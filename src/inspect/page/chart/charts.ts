/** The pictures of all machines, as `npm run charts` writes them. */

import bootnodeName from '../../../../docs/statecharts/bootnode-name.json' with { type: 'json' };
import connectionSetup from '../../../../docs/statecharts/connection-setup.json' with {
  type: 'json',
};
import crawl from '../../../../docs/statecharts/crawl.json' with { type: 'json' };
import dialScheduler from '../../../../docs/statecharts/dial-scheduler.json' with { type: 'json' };
import dialTask from '../../../../docs/statecharts/dial-task.json' with { type: 'json' };
import discv5Session from '../../../../docs/statecharts/discv5-session.json' with { type: 'json' };
import dnsTree from '../../../../docs/statecharts/dns-tree.json' with { type: 'json' };
import endpointProof from '../../../../docs/statecharts/endpoint-proof.json' with { type: 'json' };
import ethSession from '../../../../docs/statecharts/eth-session.json' with { type: 'json' };
import listener from '../../../../docs/statecharts/listener.json' with { type: 'json' };
import localNode from '../../../../docs/statecharts/local-node.json' with { type: 'json' };
import lookup from '../../../../docs/statecharts/lookup.json' with { type: 'json' };
import node from '../../../../docs/statecharts/node.json' with { type: 'json' };
import peer from '../../../../docs/statecharts/peer.json' with { type: 'json' };
import portMapper from '../../../../docs/statecharts/port-mapper.json' with { type: 'json' };
import protocol from '../../../../docs/statecharts/protocol.json' with { type: 'json' };
import server from '../../../../docs/statecharts/server.json' with { type: 'json' };
import tableMaintenance from '../../../../docs/statecharts/table-maintenance.json' with {
  type: 'json',
};
import type { Picture } from '../../../charts/picture.ts';
import { ChartMap } from './chart-map.ts';

/** The boxes of reasons in the picture are folded. */
export type Chart = { readonly picture: Picture; readonly map: ChartMap };

/** By machine; those of a connection first, in their order. */
export const CHARTS: ReadonlyMap<string, Chart> = new Map(
  [
    dialTask,
    connectionSetup,
    peer,
    protocol,
    ethSession,
    server,
    listener,
    dialScheduler,
    localNode,
    lookup,
    endpointProof,
    discv5Session,
    bootnodeName,
    dnsTree,
    tableMaintenance,
    portMapper,
    node,
    crawl,
  ].map((written) => {
    const picture = written as unknown as Picture; // the compiler widens literals and pairs of JSON
    return [picture.id, { picture, map: new ChartMap(picture) }];
  }),
);

export const MACHINES: readonly string[] = [...CHARTS.keys()];

/** Machines with a single actor: their charts mark its state. */
export const ONLY_ONE: readonly string[] = [
  'server',
  'listener',
  'dial-scheduler',
  'table-maintenance',
  'port-mapper',
  'node',
  'crawl',
];
