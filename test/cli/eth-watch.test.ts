import { expect, test } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { EthWatch } from '../../src/cli/eth-watch.ts';
import type { StatusFacts } from '../../src/machines/eth/eth-endings.ts';
import { ethSessionMachine, STATUS_TIMEOUT_MS } from '../../src/machines/eth/eth-session.ts';
import { NETWORKS, type Network } from '../../src/protocols/networks.ts';

const { hoodi } = NETWORKS;

const facts = (network: Network = hoodi): StatusFacts => ({
  version: '69',
  networkId: `${network.chain.networkId}`,
  genesis: network.chain.genesisHash,
  forkHash: '23aa1351',
  forkNext: '7',
});

function watched(network?: Network, ours = facts(network)) {
  const watch = new EthWatch(network);
  const clock = new SimulatedClock();
  const actor = createActor(ethSessionMachine, {
    id: 'eth-session:1',
    ...{ clock, input: { protocol: 'eth/69', ours }, inspect: (event) => watch.inspect(event) },
  }).start();
  const hear = (theirs: StatusFacts, forkId: 'compatible' | 'remoteStale' = 'compatible') =>
    actor.send({ type: 'status.received', ...theirs, forkId, isRangeValid: true });
  return { watch, actor, clock, hear };
}

test('nothing is seen before a session begins', () => {
  expect(new EthWatch().seen).toBe(null);
});

test('both Status are seen, with the names of their networks', () => {
  const { watch, hear } = watched();
  expect(watch.seen).toMatchObject({ state: 'awaitingStatus', theirs: null });
  hear(facts(NETWORKS.sepolia));
  expect(watch.seen).toEqual({
    protocol: 'eth/69',
    ours: {
      ...{ networkId: 560_048n, network: 'hoodi', genesis: hoodi.chain.genesisHash },
      forkId: { hash: '23aa1351', next: 7n },
    },
    theirs: expect.objectContaining({ network: 'sepolia', networkId: 11_155_111n }),
    state: 'rejected.wrongNetwork',
  });
});

test('a chain that is given has its name, and no other chain has it', () => {
  const own: Network = { ...hoodi, name: 'own', chain: { ...hoodi.chain, networkId: 9 } };
  const { watch, hear } = watched(own);
  hear({ ...facts(own), genesis: '00'.repeat(32) });
  expect([watch.seen?.ours.network, watch.seen?.theirs?.network]).toEqual(['own', null]);
});

test('how the session ended is seen, also when it ends at once', () => {
  const { watch, actor, hear } = watched();
  hear(facts());
  actor.send({ type: 'peer.ended', outcome: 'refused', state: 'ending.refused.requested' });
  expect(watch.seen?.state).toBe('refused.afterStatus');
});

test('when our server stops, the state before counts', () => {
  const { watch, actor, hear } = watched();
  hear(facts());
  actor.send({ type: 'message.received' });
  actor.send({ type: 'peer.ended', outcome: 'rejected', state: 'ending.rejected.clientQuitting' });
  expect(watch.seen?.state).toBe('active.confirmed');
});

test('a Status that does not come is seen', () => {
  const { watch, clock } = watched();
  clock.increment(STATUS_TIMEOUT_MS);
  expect(watch.seen).toMatchObject({ state: 'rejected.statusTimeout', theirs: null });
});
