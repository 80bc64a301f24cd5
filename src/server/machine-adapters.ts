/** Provides the server machine with its adapters. Its input is made in `machine-input.ts`. */

import { callerLookup } from '../io/adapters/caller-lookup.ts';
import { candidateSource } from '../io/adapters/candidate-source.ts';
import { gatewayActor } from '../io/adapters/gateway-actor.ts';
import { nodeStoreActor } from '../io/adapters/node-store-actor.ts';
import { recordSigner } from '../io/adapters/record-signer.ts';
import { parseNode } from '../io/crypto/node.ts';
import { dialSchedulerMachine } from '../machines/dialing/dial-scheduler.ts';
import { localNodeMachine } from '../machines/discovery/local-node.ts';
import { portMapperMachine } from '../machines/discovery/port-mapper.ts';
import { listenerMachine } from '../machines/listening/listener.ts';
import { serverMachine } from '../machines/server/server.ts';
import type { ServerConfig } from './config.ts';
import type { Discoveries } from './discoveries.ts';
import { targetOf } from './machine-input.ts';

type Surroundings = Pick<
  ServerConfig,
  'key' | 'attributes' | 'nodeStore' | 'ports' | 'netRestrict' | 'candidates' | 'findGateway'
>;

export function provideAdapters(
  { key, attributes, nodeStore, ports, netRestrict, candidates, findGateway }: Surroundings,
  { machines }: Pick<Discoveries, 'machines'>,
) {
  return serverMachine.provide({
    actors: {
      ...machines,
      localNode: localNodeMachine.provide({
        actors: {
          signer: recordSigner({
            key,
            attributes,
            primitives: ports.primitives,
            lastRecord: () => nodeStore.localRecord(key.id),
          }),
          nodeStore: nodeStoreActor({
            id: key.id,
            store: nodeStore,
            unixTimeMs: ports.unixTimeMs,
          }),
        },
      }),
      ...(findGateway && {
        portMapping: portMapperMachine.provide({
          actors: { gateway: gatewayActor(findGateway, ports.clock) },
        }),
      }),
      listener: listenerMachine.provide({
        actors: {
          socketServer: ports.listener,
          callerLookup: callerLookup(ports.clock, netRestrict),
        },
      }),
      dialScheduler: dialSchedulerMachine.provide({
        actors: { candidates: candidateSource(candidates, (given) => targetOf(parseNode(given))) },
      }),
    },
  });
}
