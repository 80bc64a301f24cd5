/** What the eth observer decides about the nodes that a crawl visits. A refusal is reported by the peer, with its reason. */
import type { EthObserver, EthPeer } from '../protocols/eth-observer.ts';
import type { StatusFacts, StatusSource } from './server-network.ts';
import { endOf } from './visit-end.ts';

export const ethVerdicts = (observer: Pick<EthObserver, 'on'>): StatusSource => ({
  onVerdict(listener) {
    const stopAccepted = observer.on('accepted', ({ session }) =>
      listener(session.peer.id, {
        end: { outcome: 'accepted', stage: 'eth', reason: 'accepted' },
        status: factsOf(session),
      }),
    );
    const stopEnded = observer.on('ended', ({ session, ending: { outcome, state } }) => {
      if (outcome !== 'rejected' || state === 'rejected.closedByUs') return;
      listener(session.peer.id, { end: endOf('eth', state), status: factsOf(session) });
    });
    return () => {
      stopAccepted();
      stopEnded();
    };
  },
});

function factsOf({ version: ethVersion, theirs }: EthPeer): StatusFacts {
  if (!theirs) return { ethVersion };
  const { networkId, genesis, forkId } = theirs;
  return {
    ...{ ethVersion, networkId: Number(networkId), genesis },
    forkId: { hash: forkId.hash, next: `${forkId.next}` },
  };
}
