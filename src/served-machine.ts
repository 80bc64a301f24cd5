/** The chart of the server in the world it runs in. What it is told at its start is in `machine-input.ts`. */
import { candidateSource } from './io/actors/candidate-source.ts';
import { doorman } from './io/actors/doorman.ts';
import { localNode } from './io/actors/local-node.ts';
import { parseEnode } from './io/crypto/enode.ts';
import { targetOf } from './machine-input.ts';
import { dialSchedulerMachine } from './machines/dial-scheduler.ts';
import { listenerMachine } from './machines/listener.ts';
import { serverMachine } from './machines/server.ts';
import type { ServerConfig } from './options.ts';

type Surroundings = Pick<ServerConfig, 'key' | 'ports' | 'netRestrict' | 'candidates'>;

export function servedMachine({ key, ports, netRestrict, candidates }: Surroundings) {
  return serverMachine.provide({
    actors: {
      localNode: localNode(key),
      listener: listenerMachine.provide({
        actors: { socketServer: ports.listener, doorman: doorman(ports.clock, netRestrict) },
      }),
      dialScheduler: dialSchedulerMachine.provide({
        actors: { candidates: candidateSource(candidates, (url) => targetOf(parseEnode(url))) },
      }),
    },
  });
}
