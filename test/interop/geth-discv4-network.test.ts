/** A network of go-ethereum's nodes of Node Discovery v4 and ours, mixed: a lookup for any node from any node finds it. */
import { onTestFinished, test } from 'vitest';

import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { Server } from '../../src/server.ts';
import { startPeer } from './peer-process.ts';

/** Of each kind; the first one of each kind is a bootnode. */
const COUNT = 15;

/** Which nodes a node looks for, of its own kind and of the other one: so many places after its own. */
const STEPS = [1, 7];

const TIMEOUT_MS = 60_000;

type NetworkNode = {
  /** Or the text of its record. */
  readonly url: string;
  readonly id: string;
  /** The ids that a lookup from this node for another one finds. */
  readonly lookUp: (target: string) => Promise<readonly string[]>;
};

test(
  `${COUNT} nodes of go-ethereum and ${COUNT} of ours find each other by lookups`,
  async ({ signal }) => {
    const geth = await startGeth();
    const ours: NetworkNode[] = [];
    while (ours.length < COUNT)
      ours.push(await startOurs([geth, ours].flatMap(([boot]) => (boot ? [boot.url] : []))));
    const findAll = async (from: NetworkNode, place: number): Promise<void> => {
      for (const step of STEPS)
        for (const kind of [ours, geth]) {
          const target = kind[(place + step) % COUNT]!;
          do signal.throwIfAborted();
          while (!(await from.lookUp(target.url)).includes(target.id));
        }
    };
    await Promise.all([...geth.map(findAll), ...ours.map(findAll)]);
  },
  TIMEOUT_MS,
);

/** One process; its nodes know only its first one. */
async function startGeth(): Promise<readonly NetworkNode[]> {
  const args = ['--mode', 'discv4', '--count', `${COUNT}`];
  const geth = await startPeer('geth', args);
  onTestFinished(() => geth[Symbol.asyncDispose]());
  const all = [geth.started];
  while (all.length < COUNT) all.push(await geth.next('started'));
  return all.map(({ id, enode }, index) => ({
    id,
    url: enode!,
    lookUp: async (target) => {
      geth.send({ cmd: 'lookup', enode: target, index });
      const { nodes } = await geth.next('found', (found) => found.index === index);
      return nodes ?? [];
    },
  }));
}

/** Without TCP, which go-ethereum's nodes here do not have either. */
async function startOurs(bootnodes: readonly string[]): Promise<NetworkNode> {
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: null,
    noDial: true,
    discovery: 'v4',
    discoveryListen: { host: '127.0.0.1', port: 0 },
    externalIp: '127.0.0.1',
    bootnodes,
  });
  onTestFinished(() => server.stop());
  await server.start();
  const { id, enr } = server.self;
  return {
    id,
    url: enr!,
    lookUp: async (target) => {
      const ids: string[] = [];
      for await (const node of server.discovery!.lookup(target)) ids.push(node.id);
      return ids;
    },
  };
}
