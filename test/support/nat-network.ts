/**
 * A network in which some nodes are behind NAT routers of the four shapes, and which nodes find each other in it.
 *
 * Node b is reachable from node a when a datagram that b did not ask for arrives at b: when b is open, with a public address
 * or behind a full cone, whatever a is behind. Every such ordered pair is looked at: a has b in its table, or finds it by a
 * lookup, at an endpoint where b gets datagrams from everyone.
 * A router that restricts by address or by port lets in those that the node behind it wrote to, so for some pairs more holds:
 * when such a node has asked an open one, the open one finds it and is answered. A symmetric NAT gives each remote an
 * endpoint of its own, which no record can state; and of two nodes that are both not open, neither can begin. Those are not
 * expected to be found.
 */
import type { Node } from '../../src/io/crypto/node.ts';
import type { NatShape } from '../../src/testing/world/nat.ts';
import { createWorld, type World } from '../../src/testing/world/world.ts';
import {
  DEFAULT_PORT,
  type WorldNode,
  type WorldNodeOptions,
} from '../../src/testing/world/world-node.ts';

type Version = 'v4' | 'v5';

export type NatNetworkPlan = {
  readonly seed: number;
  /** Nodes, the bootnode among them. */
  readonly size: number;
  /** What each node speaks. */
  readonly versions: readonly Version[];
};

type NatNetworkResult = {
  /** Ordered pairs, for each version. */
  readonly pairs: number;
  /** Of these, those that needed no lookup. */
  readonly inTable: number;
  /** A sentence for each pair that failed. */
  readonly missed: readonly string[];
  /** From the start of the network to the last search, in ms. */
  readonly simulatedMs: number;
};

/** Ten networks must see an endpoint before a record claims it. */
const PUBLIC_SHARE = 0.6;

/** Open nodes that each node behind a restricting router asks, and is asked by. */
const ASKED_BACK = 6;

const SHAPES: readonly NatShape[] = [
  'fullCone',
  'addressRestricted',
  'portRestricted',
  'symmetric',
];

/** Shapes in which one endpoint serves all remotes, and only those get in that were written to. */
const RESTRICTED: ReadonlySet<string> = new Set(['addressRestricted', 'portRestricted']);

/** Until nodes have answered checks and are named to others; then each node looks around once more, as a walk does. */
const FIRST_LOOK = '1m';

/** Until the nodes behind a NAT claim what others see, and others have read that. */
const SETTLED = '1m';

/** All searches of one kind, of all nodes at the same time. */
const SEARCHES = '2m';

/** Searches of one node at once; a server runs at most 16 lookups. */
const AT_ONCE = 6;

/** A search is repeated, as a user would: one datagram in a hundred is lost, and four of them belong to one answer. */
const TRIES = 4;

/** Sends to everyone who asks whether a router lets in strangers. */
const STRANGER = { host: '198.51.100.1', port: 1 };

/** Builds the network, has every pair search, and ends the world. @throws {WorldError} A problem of a server, or a broken invariant. */
export async function searchNatNetwork(plan: NatNetworkPlan): Promise<NatNetworkResult> {
  const world = createWorld({
    ...{ seed: plan.seed, crypto: 'fast' },
    link: { latencyMs: 40, jitterMs: 20, lossRate: 0.01 },
  });
  const nodes = createNodes(world, plan);
  const everyone = (run: (node: WorldNode, version: Version) => Promise<unknown>) =>
    world.complete(
      Promise.all(nodes.flatMap((node) => plan.versions.map((version) => run(node, version)))),
      SEARCHES,
    );
  await world.start(...nodes);
  await world.run(FIRST_LOOK);
  await everyone((node, version) => findsByLookup(node, node, version));
  await world.run(SETTLED);

  const missed: string[] = [];
  let pairs = 0;
  let inTable = 0;
  const count = (from: WorldNode, wanted: WorldNode, version: Version, found: boolean): void => {
    pairs += 1;
    if (!found) missed.push(`${placeOf(from)} did not find ${placeOf(wanted)} with ${version}`);
  };
  const open = nodes.filter(isOpen);
  await everyone((from, version) =>
    forEach(open, async (wanted) => {
      if (wanted === from) return;
      const isKnown = tableOf(from, version)
        .nodes()
        .some((node) => isAt(wanted, node));
      if (isKnown) inTable += 1;
      count(from, wanted, version, isKnown || (await findsByLookup(from, wanted, version)));
    }),
  );
  const random = world.random.fork('asked back');
  await everyone(async (hidden, version) => {
    if (!RESTRICTED.has(hidden.host.nat?.shape ?? '')) return;
    await forEach(random.shuffled(open).slice(0, ASKED_BACK), async (other) => {
      count(hidden, other, version, await isAnswered(hidden, other, version));
      count(other, hidden, version, await isAnswered(other, hidden, version));
    });
  });
  const simulatedMs = world.clock.now();
  await world.end();
  return { pairs, inTable, missed, simulatedMs };
}

function createNodes(world: World, { size, versions }: NatNetworkPlan): readonly WorldNode[] {
  const options: WorldNodeOptions = { discovery: versions, noDial: true, keepsEvents: false };
  const boot = world.node(options);
  const nodes = [boot];
  while (nodes.length < size) {
    const isPublic = nodes.length < PUBLIC_SHARE * size;
    const shape = SHAPES[nodes.length % SHAPES.length]!;
    const nat = isPublic ? {} : { nat: world.nat(shape) };
    nodes.push(world.node({ ...options, bootnodes: [boot.enode], ...nat }));
  }
  return nodes;
}

async function findsByLookup(from: WorldNode, wanted: WorldNode, version: Version) {
  for (let time = 0; time < TRIES; time += 1)
    for await (const node of tableOf(from, version).lookup(wanted.enode))
      if (isAt(wanted, node)) return true;
  return false;
}

/** Where the node was found, it answers: `resolve` gives only what the node itself says. */
async function isAnswered(from: WorldNode, wanted: WorldNode, version: Version) {
  const table = tableOf(from, version);
  for (let time = 0; time < TRIES; time += 1) {
    const known = table.nodes().find(({ id }) => id === wanted.id);
    if ((await table.resolve(known?.text ?? wanted.enode)) !== null) return true;
  }
  return false;
}

/** The open node, at an endpoint where it gets datagrams from everyone. */
function isAt({ id, host: { address, nat } }: WorldNode, found: Node): boolean {
  if (found.id !== id) return false;
  if (nat === null) return found.host === address && found.udpPort === DEFAULT_PORT;
  return found.host === nat.address && nat.inbound(found.udpPort, STRANGER) !== null;
}

const isOpen = ({ host: { nat } }: WorldNode): boolean => nat === null || nat.shape === 'fullCone';

const placeOf = ({ label, host: { nat } }: WorldNode): string =>
  `${label} (${nat?.shape ?? 'public'})`;

/** A few at once, in order. */
async function forEach<Item>(
  items: readonly Item[],
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const work = async (): Promise<void> => {
    for (const item of left) await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

function tableOf({ label, server }: WorldNode, version: Version) {
  const table = version === 'v4' ? server.discovery : server.discoveryV5;
  if (!table) throw new TypeError(`${label} does not speak ${version}`);
  return table;
}
