/** A server finds its peers by a DNS node list alone, without UDP. */
import { expect, onTestFinished, test } from 'vitest';

import { treeLink } from '../../src/io/crypto/dns-tree-entry.ts';
import { recordValue, signRecord } from '../../src/io/crypto/node-record.ts';
import { formatRecord } from '../../src/io/wire/enr.ts';
import { createWorld } from '../../src/testing/world/world.ts';
import { NameServer } from '../support/dns-run.ts';
import { makeTree } from '../support/dns-trees.ts';
import { keyOf, type Member, World } from '../support/world.ts';

const NETWORK = { netRestrict: ['192.0.2.0/24'] };

/** The record of a node as a list has it: its TCP address. */
function recordOf(seed: number): string {
  const entries = new Map([
    ['ip', recordValue(Uint8Array.of(192, 0, 2, 1))],
    ['tcp', recordValue(30_000 + seed)],
  ]);
  return formatRecord(signRecord({ seq: 1, entries }, keyOf(seed)).bytes);
}

const ids = ({ server }: Member) => server.peers.map(({ id }) => id).sort();

test('the nodes of a list and of those that it links to become peers; after a stop nothing is asked', async () => {
  const linked = makeTree({ domain: 'b.example.org', records: [2, 3, 1].map(recordOf) });
  const tree = makeTree({ domain: 'a.example.org', records: [recordOf(4)], links: [linked.url] });
  const names = new NameServer(tree, linked);
  const world = new World();
  const others = [2, 3, 4].map((seed) => world.add(seed));
  const asking = world.add(1, {
    ...NETWORK,
    dnsTrees: [tree.url],
    ports: { txtResolver: names.resolve },
  });
  await world.start(...others, asking);
  await world.advance(30_000);
  expect(ids(asking)).toEqual(others.map(({ key }) => key.id).sort());
  expect(asking.server.peers.map(({ direction }) => direction)).toEqual(Array(3).fill('dynamic'));
  expect(asking.log.filter(({ type }) => type !== 'add')).toEqual([]); // its own record led to no dial
  expect(asking.server.dnsTrees).toMatchObject([
    { url: tree.url, seq: 1, failures: {} },
    { url: linked.url, seq: 1, failures: {} },
  ]);
  await world.end();
  expect(asking.server.dnsTrees).toEqual([]);
  const asked = names.asked.length;
  await world.advance(60_000);
  expect(names.asked).toHaveLength(asked);
});

test('K20: nodes of a list are judged like all candidates: those in a LAN or a reserved network are not dialled', async () => {
  const tree = makeTree({ records: [recordOf(2), recordOf(1)] });
  const names = new NameServer(tree);
  const world = new World();
  const other = world.add(2);
  const asking = world.add(1, { dnsTrees: [tree.url], ports: { txtResolver: names.resolve } });
  await world.start(other, asking);
  await world.advance(60_000);
  expect(asking.server.dnsTrees).toMatchObject([{ seq: 1 }]);
  expect([asking.log, asking.server.peerCount]).toEqual([[], 0]);
  await world.end();
});

test('nodes of a simulated world that know nothing but a list find each other', async () => {
  const world = createWorld({ seed: 5, crypto: 'fast' });
  onTestFinished(() => world.end());
  const key = keyOf(900);
  const { url } = treeLink(key.publicKey, 'nodes.example');
  const nodes = Array.from({ length: 6 }, () => world.node({ maxPeers: 20, dnsTrees: [url] }));
  await world.start(...nodes);
  const records = nodes.map(({ server }) => server.self.enr!);
  const { zone } = makeTree({ domain: 'nodes.example', key, records });
  for (const [name, text] of zone) world.txtRecords.set(name, text);
  await world.until(() => nodes.every(({ server }) => server.peerCount === 5), '5m');
});
