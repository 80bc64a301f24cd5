/** Watches the transactions of an Ethereum node: announced hashes, and the transactions that are asked for. */
import { type EthObserver, eth, generateNodeKey, Server } from 'peerchart';

/** The chain of the node: these are the facts that its Status is compared with. */
export const chain = {
  networkId: 1337,
  genesisHash: '5e1fc79cb4ffa4739177b5408045cd5d51c6cf766133f23f7cd72ee1f8d790e0',
  genesisTime: 0,
  blocks: [],
  times: [0],
};

/** Connects to the node and prints what comes, until `signal`. @returns How many transactions came. */
export async function watch(
  enode: string,
  signal: AbortSignal,
  observer: EthObserver = eth({ chain }),
): Promise<number> {
  observer.on('ended', ({ ending }) => console.log(`the session ended: ${ending.state}`));
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: null,
    protocols: observer.protocols,
    staticNodes: [enode],
  });
  await using _ = server;
  await server.start();
  let count = 0;
  for await (const { hash, bytes } of observer.transactions({ signal })) {
    console.log(hash, `${bytes.length} bytes`);
    count += 1;
  }
  return count;
}
