/** A network of nodes of Node Discovery v5, go-ethereum's, @chainsafe's and ours: a lookup for any node from any node finds it. */
import { onTestFinished, test } from 'vitest';

import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { Server } from '../../src/server.ts';
import { type PeerKind, startPeer } from './peer-process.ts';

/** Of each kind; the first one of each kind is a bootnode. */
const COUNT = 10;

/** Which node of each kind a node looks for: so many places after its own. */
const STEP = 3;

const TIMEOUT_MS = 100_000;

type NetworkNode = {
  readonly kind: PeerKind | 'ours';
  readonly id: string;
  readonly record: string;
  /** The ids that a lookup from this node for another one finds. */
  readonly lookUp: (target: string) => Promise<readonly string[]>;
};

test(
  `${COUNT} nodes of each of three implementations find each other by lookups`,
  async ({ signal }) => {
    const geth = await startTheirs('geth', ['--mode', 'discv5']);
    const chainsafe = await startTheirs('chainsafe', ['--bootnodes', geth[0]!.record]);
    const ours: NetworkNode[] = [];
    while (ours.length < COUNT)
      ours.push(await startOurs([geth, chainsafe, ours].flatMap(([boot]) => boot ?? [])));
    const kinds = [geth, chainsafe, ours];
    const findAll = async (from: NetworkNode, place: number): Promise<void> => {
      // a lookup of @chainsafe/discv5 takes some seconds
      const wanted = kinds.filter(
        (_, at) => from.kind !== 'chainsafe' || at === place % kinds.length,
      );
      for (const kind of wanted) {
        const target = kind[(place + STEP) % COUNT]!;
        do signal.throwIfAborted();
        while (!(await from.lookUp(target.record)).includes(target.id));
      }
    };
    // one kind after another: three processes that are busy at once answer each other too late
    for (const kind of kinds) await Promise.all(kind.map(findAll));
  },
  TIMEOUT_MS,
);

/** One process; its nodes know only its first one, and that one what the arguments name. */
async function startTheirs(kind: PeerKind, args: readonly string[]) {
  const peer = await startPeer(kind, [...args, '--count', `${COUNT}`]);
  onTestFinished(() => peer[Symbol.asyncDispose]());
  const started = [peer.started];
  while (started.length < COUNT) started.push(await peer.next('started'));
  return started.map(
    ({ id, record }, index): NetworkNode => ({
      kind,
      id,
      record: record!,
      lookUp: async (target) => {
        peer.send({ cmd: 'lookup', enode: target, index });
        const { nodes } = await peer.next('found', (found) => found.index === index, TIMEOUT_MS);
        return nodes ?? [];
      },
    }),
  );
}

/** Without TCP, which the other nodes do not have either. */
async function startOurs(bootnodes: readonly NetworkNode[]): Promise<NetworkNode> {
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: null,
    noDial: true,
    discovery: 'v5',
    discoveryListen: { host: '127.0.0.1', port: 0 },
    externalIp: '127.0.0.1',
    bootnodes: bootnodes.map(({ record }) => record),
  });
  onTestFinished(() => server.stop());
  await server.start();
  const { id, enr } = server.self;
  return {
    kind: 'ours',
    id,
    record: enr!,
    lookUp: async (target) => {
      const ids: string[] = [];
      for await (const node of server.discoveryV5!.lookup(target)) ids.push(node.id);
      return ids;
    },
  };
}
