/** A session of eth with a go-ethereum full node, recorded and lived through again. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { readRecordingFile } from '../../src/inspect/recording/recording-reader.ts';
import { replay } from '../../src/inspect/recording/replay.ts';
import { record } from '../../src/inspect/recording/server-recording.ts';
import { scratch } from '../cli/scratch.ts';
import { chainOf, startEth } from './our-eth.ts';
import { startPeer } from './peer-process.ts';

/** Of each transaction, as full-node fills its data. */
const DATA = 'da'.repeat(16);

test('replays the same steps, and has neither hashes nor bytes of transactions and blocks', async () => {
  const path = join(await scratch(), 'eth.jsonl');
  const hashes: string[] = [];
  {
    await using geth = await startPeer('full-node');
    await using ours = await startEth(chainOf(geth), undefined, (server) => record(server, path));
    ours.server.addPeer(geth.started.enode!);
    await geth.next('ethAccepted');
    const transactions = ours.observer.transactions(); // large ones are retrieved
    geth.send({ cmd: 'submit', count: 20, size: 100 });
    geth.send({ cmd: 'submit', count: 20, size: 5_000 });
    for await (const { hash } of transactions) if (hashes.push(hash) === 40) break;
    geth.send({ cmd: 'commit', count: 32 });
    const { hash } = await geth.next('committed');
    hashes.push(hash.slice(2));
    await ours.reached('active.confirmed');
  }
  const result = await replay(readRecordingFile(path));
  expect(result).toMatchObject({ divergence: null, skippedTotal: 0, end: 'closed' });

  const text = (await readFile(path, 'utf8')).toLowerCase();
  expect(text).toContain('"machine":"eth-session"');
  for (const hash of hashes) {
    expect(text).not.toContain(hash);
    expect(text).not.toContain(base64(hash));
  }
  expect(text).not.toContain(DATA);
  expect(text).not.toContain(base64(DATA));
});

const base64 = (hex: string): string =>
  Buffer.from(hex, 'hex').toString('base64').replaceAll('=', '').toLowerCase();
