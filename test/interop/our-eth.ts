/** A running peerchart that observes eth on the chain of a full node, and the states that its sessions go through. */
import type { AnyActorRef } from 'xstate';

import type { Inspect } from '../../src/actors/inspection.ts';
import { statePath } from '../../src/actors/state-path.ts';
import type { EthVersion } from '../../src/io/wire/eth-message.ts';
import type { Chain } from '../../src/io/wire/fork-id.ts';
import { eth } from '../../src/protocols/eth.ts';
import type { EthObserver } from '../../src/protocols/eth-observer.ts';
import type { Server } from '../../src/server.ts';
import { type OurServer, startServer } from './our-server.ts';
import type { PeerProcess } from './peer-process.ts';

export type OurEth = OurServer & {
  readonly observer: EthObserver;
  /** Resolves when a session has been in this state, such as `rejected.wrongNetwork`. */
  reached(state: string): Promise<void>;
  /** States of all sessions so far, each once in a row. */
  readonly states: readonly string[];
};

/** @param attach Called before the server starts. */
export async function startEth(
  chain: Chain,
  versions: readonly EthVersion[] = [69, 70, 71, 72],
  attach: (server: Server) => Promise<unknown> = async () => {},
): Promise<OurEth> {
  const states: string[] = [];
  const waiting = new Set<() => void>();
  const inspect: Inspect = (event) => {
    if (event.type !== '@xstate.snapshot') return;
    if (!(event.actorRef as AnyActorRef).id.startsWith('eth-session:')) return;
    const { value } = event.snapshot as unknown as { value: Parameters<typeof statePath>[0] };
    const state = statePath(value);
    if (states.at(-1) === state) return;
    states.push(state);
    for (const look of [...waiting]) look();
  };
  const observer = eth({ chain, versions });
  const ours = await startServer({ protocols: observer.protocols, inspect }, attach);
  const reached = (state: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!states.includes(state)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { ...ours, observer, reached, states };
}

/** The chain of a full node, with other facts where they are given. */
export const chainOf = ({ started }: PeerProcess, other: Partial<Chain> = {}): Chain => {
  const { networkId, genesisHash, genesisTime, blocks, times } = started.chain!;
  return { networkId, genesisHash, genesisTime, blocks, times, ...other };
};
