import { expect, test, vi } from 'vitest';
import { chain, watch } from '../../examples/watch-transactions.ts';
import { ETH_LENGTHS, encodeEth } from '../../src/io/wire/eth-message.ts';
import { forkIdAt, headAtTime } from '../../src/io/wire/fork-id.ts';
import { transactionItem } from '../../src/io/wire/transaction.ts';
import { Server } from '../../src/server.ts';
import { keyOf } from '../support/world.ts';

test('the example prints the transactions of a node until it is stopped', async () => {
  const bytes = Uint8Array.of(2, 0xc1, 9);
  const node = new Server({
    nodeKey: keyOf(1),
    listen: { host: '127.0.0.1', port: 0 },
    protocols: [
      {
        ...{ name: 'eth', version: 72, length: ETH_LENGTHS[72] },
        async run(_peer, port) {
          const forkId = forkIdAt(chain, headAtTime(chain, 1));
          const base = { version: 72n, networkId: 1337n, genesis: chain.genesisHash, forkId };
          const status = { ...base, earliest: 0n, latest: 0n, latestHash: chain.genesisHash };
          await port.send(0, encodeEth(72, { type: 'status', status }));
          const items = [transactionItem(bytes)];
          await port.send(2, encodeEth(72, { type: 'transactions', items }));
          for await (const _message of port);
        },
      },
    ],
  });
  await node.start();
  const lines: string[] = [];
  const stop = new AbortController();
  const log = vi.spyOn(console, 'log').mockImplementation((...line: string[]) => {
    lines.push(line.join(' '));
    stop.abort();
  });
  try {
    expect(await watch(node.self.enode, stop.signal)).toBe(1);
  } finally {
    log.mockRestore();
    await node.stop();
  }
  expect(lines[0]).toMatch(/^[\da-f]{64} 3 bytes$/);
});
