/** Provides the server machine with its adapters. Its input is made in `machine-input.ts`. */

import { callerLookup } from '../io/adapters/caller-lookup.ts';
import { candidateSource } from '../io/adapters/candidate-source.ts';
import { localNode } from '../io/adapters/local-node.ts';
import { parseNode } from '../io/crypto/node.ts';
import { dialSchedulerMachine } from '../machines/dialing/dial-scheduler.ts';
import { listenerMachine } from '../machines/listening/listener.ts';
import { serverMachine } from '../machines/server/server.ts';
import type { ServerConfig } from './config.ts';
import { targetOf } from './machine-input.ts';

type Surroundings = Pick<ServerConfig, 'key' | 'ports' | 'netRestrict' | 'candidates'>;

export function provideAdapters({ key, ports, netRestrict, candidates }: Surroundings) {
  return serverMachine.provide({
    actors: {
      localNode: localNode(key),
      listener: listenerMachine.provide({
        actors: {
          socketServer: ports.listener,
          callerLookup: callerLookup(ports.clock, netRestrict),
        },
      }),
      dialScheduler: dialSchedulerMachine.provide({
        actors: { candidates: candidateSource(candidates, (text) => targetOf(parseNode(text))) },
      }),
    },
  });
}
