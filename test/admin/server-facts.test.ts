import { expect, test } from 'vitest';
import { serverFacts } from '../../src/admin/server-facts.ts';
import { echo } from '../../src/protocols/echo.ts';
import { createWorld } from '../../src/testing/world/world.ts';
import { enodeOf, meet } from '../support/world.ts';

test('a node of a network says whom it dialled, who came, and what its record claims', async () => {
  const { world, a, b } = await meet();
  const [ofA, ofB] = [await serverFacts(a.server, 5), await serverFacts(b.server, 5)];
  expect(ofA).toMatchObject({
    ...{ observedMs: 5, peers: 1, maxPeers: 50, offersNothing: false, isDialling: true },
    ...{ otherSources: 0, gateway: null, discovery: { v4: null, v5: null } },
    dials: { attempts: 1, successes: 1 },
    inbound: { attempts: 0, successes: 0 },
  });
  expect(ofB).toMatchObject({
    listening: { host: '192.0.2.1', port: 30_002 },
    record: { hosts: ['192.0.2.1'] },
    inbound: { attempts: 1, successes: 1 },
  });
  expect(JSON.parse(JSON.stringify(ofA))).toEqual(ofA);
  await world.end();
});

test('facts of both versions of discovery are there, with the packets of each', async () => {
  const discovery = ['v4', 'v5'] as const;
  const world = createWorld({ seed: 2, crypto: 'fast' });
  const boot = world.node({ discovery, protocols: [echo()] });
  const node = world.node({ discovery, bootnodes: [boot.enode], protocols: [echo()] });
  await world.start(boot, node);
  await world.run('1m');
  const facts = await serverFacts(node.server, 60_000);
  for (const version of discovery) {
    const { received } = facts.discovery[version]!.traffic!;
    expect(received).toBeGreaterThan(0);
    expect(facts.discovery[version]).toMatchObject({ bootnodes: 1, live: 1, clockBehindMs: null });
  }
  expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
  await world.end();
});

test('static nodes and candidates of a program are other sources of nodes; one that never dials says so', async () => {
  const world = createWorld({ seed: 3 });
  const given = world.node({ staticNodes: [enodeOf(9)], noDial: true });
  const facts = await serverFacts(given.server, 0);
  expect(facts).toMatchObject({
    otherSources: 1,
    isDialling: false,
    listening: null,
    record: null,
  });
  await world.end();
});
