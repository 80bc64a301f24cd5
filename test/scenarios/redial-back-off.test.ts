/** How often nodes that never become a peer are dialled in a network of 50 nodes, with and without waits by reason. */
import { expect, test } from 'vitest';

import { formatEnode } from '../../src/io/crypto/enode.ts';
import { BACK_OFF_SPREAD } from '../../src/machines/dialing/redial-back-off.ts';
import { echo } from '../../src/protocols/echo.ts';
import { createWorld, type World } from '../../src/testing/world/world.ts';
import type { WorldNode } from '../../src/testing/world/world-node.ts';

/** Nodes that end every dial for one reason, besides five good ones and us. */
const EACH = 5;
const ABSENT = 34;

/** Virtual time of a run. */
const MINUTES = 7;

/** Time from one candidate to the next, in ms. */
const PACE_MS = 200;

type Kind = 'good' | 'useless' | 'full' | 'absent';

async function dialsIn(redialBackOff: boolean) {
  const world = createWorld({ seed: 17, crypto: 'fast' });
  const protocols = [echo()];
  const kinds = new Map<string, Kind>();
  const enodes: string[] = [];
  const addNodes = (kind: Kind, count: number, options: object): readonly WorldNode[] =>
    Array.from({ length: count }, () => {
      const node = world.node(options);
      kinds.set(node.key.id, kind);
      enodes.push(enodeIn(node));
      return node;
    });
  const others = [{ ...echo(), name: 'other' }];
  const running = [
    ...addNodes('good', 5, { protocols, noDial: true }),
    ...addNodes('useless', EACH, { protocols: others, noDial: true }),
    ...addNodes('full', EACH, { protocols, noDial: true, maxPeers: 0 }),
  ];
  addNodes('absent', ABSENT, {});
  const us = world.node({
    protocols,
    redialBackOff,
    ...{ maxPeers: 200, dialRatio: 1, maxPeersPerSubnet: 200 },
    candidates: roundAndRound(enodes, world),
  });
  const dials: Record<Kind, number> = { good: 0, useless: 0, full: 0, absent: 0 };
  const waits = new Map<string, Set<number | undefined>>();
  us.server.actor.on('dial.wanted', ({ target: { id } }) => {
    dials[kinds.get(id)!] += 1;
  });
  us.server.on('dialFailed', ({ target: { id }, backOffMs }) => {
    const kind = kinds.get(id)!;
    waits.set(kind, (waits.get(kind) ?? new Set()).add(backOffMs));
  });
  await world.start(...running, us);
  await world.run(`${MINUTES}m`);
  const peers = us.server.peerCount;
  await world.end();
  return { dials, waits, peers };
}

/** As discovery finds the same nodes again and again. */
async function* roundAndRound(enodes: readonly string[], { clock }: World): AsyncGenerator<string> {
  for (;;)
    for (const enode of enodes) {
      yield enode;
      await new Promise<void>((resolve) => clock.setTimeout(resolve, PACE_MS));
    }
}

const enodeIn = ({ key, host: { address } }: WorldNode): string => {
  const { publicKey, id } = key;
  const place = { host: address, hostKind: 'ipv4', tcpPort: 30_303, udpPort: 30_303 } as const;
  return formatEnode({ publicKey, id, ...place });
};

test('nodes that end every dial for a reason that lasts are dialled far less often, and good ones as before', async () => {
  const [without, having] = [await dialsIn(false), await dialsIn(true)];
  expect([without.peers, having.peers]).toEqual([5, 5]);
  expect([without.dials.good, having.dials.good]).toEqual([5, 5]);

  for (const [kind, nodes] of [
    ['useless', EACH],
    ['full', EACH],
    ['absent', ABSENT],
  ] as const)
    expect(without.dials[kind] / nodes).toBeGreaterThan(9); // one in 35 s, when discovery finds it
  expect([...without.waits.values()].flatMap((waits) => [...waits])).toEqual([
    undefined,
    undefined,
    undefined,
  ]);

  expect(having.dials.useless).toBe(EACH); // an hour has not passed
  expect(having.dials.full / EACH).toBeGreaterThan(4); // a minute each
  expect(having.dials.full / EACH).toBeLessThan(8);
  expect(having.dials.absent / ABSENT).toBeGreaterThan(1.5); // five minutes each
  expect(having.dials.absent / ABSENT).toBeLessThanOrEqual(2);
  const full = [...(having.waits.get('full') ?? [])].map(Number);
  expect(full.length).toBeGreaterThan(EACH); // spread by chance
  expect(Math.min(...full)).toBeGreaterThanOrEqual(60_000 * (1 - BACK_OFF_SPREAD));
  expect(Math.max(...full)).toBeLessThanOrEqual(60_000 * (1 + BACK_OFF_SPREAD));
}, 60_000);
