/** What happens in the session of eth of one connection, from the inspection events of its chart. */
import type { AnyActorRef } from 'xstate';
import type { Inspect } from '../actors/inspection.ts';
import { statePath } from '../actors/state-path.ts';
import type { ChainClaim, EthSeen } from '../explain/eth-verdict.ts';
import type { StatusFacts } from '../machines/eth/eth-endings.ts';
import type { EthEnding, EthSessionEvent, EthSessionInput } from '../machines/eth/eth-session.ts';
import { type Network, networkOf } from '../protocols/networks.ts';

/** For one dial only: the sessions of a second peer are not told apart. */
export class EthWatch {
  #session: Pick<EthSessionInput, 'protocol' | 'ours'> | null = null;
  #theirs: ChainClaim | null = null;
  #state = '';
  readonly #network: Network | undefined;

  /** @param network Has the name of a chain that is no public network. */
  constructor(network?: Network) {
    this.#network = network;
  }

  /** For the option `inspect` of a server. */
  readonly inspect: Inspect = (event) => {
    if (!(event.actorRef as AnyActorRef).id.startsWith('eth-session:')) return;
    if (event.type === '@xstate.event') {
      const { type, ...seen } = event.event as EthSessionEvent;
      if (type === 'status.received') this.#theirs ??= this.#claimOf(seen as StatusFacts);
    }
    if (event.type !== '@xstate.snapshot') return;
    const { value, context } = event.snapshot as unknown as Snapshot;
    this.#session ??= context;
    const path = statePath(value);
    const state = path === 'closed' ? context.ending.state : path;
    if (state !== OUR_STOP) this.#state = state;
  };

  /** Null when no session began. */
  get seen(): EthSeen | null {
    if (!this.#session) return null;
    const { protocol, ours } = this.#session;
    return { protocol, ours: this.#claimOf(ours), theirs: this.#theirs, state: this.#state };
  }

  #nameOf({ networkId, genesis }: StatusFacts): string | null {
    const named = { networkId: Number(networkId), genesisHash: genesis };
    const { chain, name } = networkOf(named) ?? this.#network ?? {};
    const isSame = chain?.networkId === named.networkId && chain.genesisHash === genesis;
    return isSame ? (name ?? null) : null;
  }

  #claimOf(facts: StatusFacts): ChainClaim {
    const { networkId, genesis, forkHash, forkNext } = facts;
    return {
      ...{ networkId: BigInt(networkId), genesis, network: this.#nameOf(facts) },
      forkId: { hash: forkHash, next: BigInt(forkNext) },
    };
  }
}

/** How a session ends when our server stops; what it was before counts. */
const OUR_STOP = 'rejected.closedByUs';

type Snapshot = {
  readonly value: Parameters<typeof statePath>[0];
  readonly context: EthSessionInput & { readonly ending: EthEnding };
};
