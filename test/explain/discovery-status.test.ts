import { expect, test } from 'vitest';

import {
  type DiscoveryFacts,
  explainDiscovery,
  type StatusText,
} from '../../src/explain/discovery-status.ts';

/** Discovery that has just begun with one bootnode. */
const FRESH: DiscoveryFacts = {
  state: 'serving.refresh.lookingUp+serving.revalidation.fast.pausing',
  fault: '',
  bootnodes: 1,
  knownBootnodes: 1,
  excludedBootnodes: 0,
  nodes: 1,
  live: 0,
  liveOthers: 0,
  refreshes: 0,
  unanswered: 0,
  traffic: { sent: 1, received: 0 },
  clockBehindMs: null,
};

const UNANSWERED = { refreshes: 2, unanswered: 2, nodes: 0 };

test.each<readonly [string, Partial<DiscoveryFacts>, StatusText['tone'], string]>([
  ['binds its address', { state: 'binding' }, 'waiting', 'Discovery is binding its UDP address.'],
  [
    'reads the store',
    { state: 'loading' },
    'waiting',
    'Discovery is reading the nodes of the store.',
  ],
  ['has begun', {}, 'waiting', 'Discovery asks its first nodes.'],
  [
    'has neither bootnodes nor nodes',
    { bootnodes: 0, knownBootnodes: 0, nodes: 0 },
    'bad',
    'Discovery has no node to ask: there are no bootnodes.',
  ],
  [
    'has bootnodes outside of netRestrict',
    { excludedBootnodes: 1, ...UNANSWERED },
    'bad',
    'Discovery may ask no bootnode: netRestrict excludes all of them.',
  ],
  [
    'has bootnodes whose names have no address',
    { knownBootnodes: 0, ...UNANSWERED },
    'waiting',
    'No address is known yet for the host names of the bootnodes.',
  ],
  [
    'gets not one packet',
    { ...UNANSWERED, traffic: { sent: 24, received: 0 } },
    'bad',
    'No bootnode has answered: 24 packets sent, none received.',
  ],
  [
    'gets packets and no answers',
    { ...UNANSWERED, traffic: { sent: 24, received: 3 } },
    'bad',
    'No bootnode answered the last 2 refreshes.',
  ],
  [
    'has no bootnodes, and nodes of the store do not answer',
    { bootnodes: 0, knownBootnodes: 0, refreshes: 1, unanswered: 1, nodes: 3 },
    'bad',
    'No node has answered: 1 packet sent, none received.',
  ],
  [
    'has one bootnode that knows no other node',
    { live: 1, refreshes: 1 },
    'waiting',
    'Alone in the network: one bootnode answers, and no other node.',
  ],
  [
    'knows live nodes',
    { live: 3, liveOthers: 2, nodes: 5, refreshes: 1 },
    'good',
    'Discovery works: 3 of 5 nodes in the table have answered a check.',
  ],
  [
    'found nodes and checked none of them yet',
    { nodes: 3, refreshes: 1, traffic: { sent: 24, received: 3 } },
    'waiting',
    'No node of the table has answered a check yet.',
  ],
  [
    'lost the last node of its table',
    { nodes: 0, refreshes: 1, traffic: { sent: 24, received: 3 } },
    'waiting',
    'The last node of the table did not answer its check; bootnodes are asked again soon.',
  ],
  [
    'has had nodes that answer no more',
    { live: 3, liveOthers: 2, nodes: 5, refreshes: 4, unanswered: 1 },
    'waiting',
    'No node answered the last refresh; 3 of 5 in the table answered before.',
  ],
  [
    'has a clock that is behind',
    { live: 3, clockBehindMs: 61_200 },
    'bad',
    'No node answers: the clock of this machine is 61 s behind those of other nodes.',
  ],
  [
    'has a clock that is ahead',
    { clockBehindMs: -20_000 },
    'bad',
    'No node answers: the clock of this machine is 20 s ahead of those of other nodes.',
  ],
  [
    'has lost its socket',
    { state: 'offline', live: 3 },
    'bad',
    'Discovery has lost its UDP socket, and tries to bind it again.',
  ],
  ['saves', { state: 'saving' }, 'waiting', 'Discovery is stopping: its nodes are being saved.'],
  ['closes', { state: 'closing' }, 'waiting', 'Discovery is stopping: its socket is being closed.'],
  ['has ended', { state: 'closed' }, 'waiting', 'Discovery has stopped.'],
  [
    'has failed',
    { state: 'failed', fault: 'the address is in use' },
    'bad',
    'Discovery has failed: the address is in use.',
  ],
])('discovery that %s says so', (_, facts, tone, sentence) => {
  const status = explainDiscovery({ ...FRESH, ...facts });
  expect([status.tone, status.sentence]).toEqual([tone, sentence]);
  if (tone === 'bad') expect(status.remedy).toMatch(/^[A-Z].*\.$/);
});
