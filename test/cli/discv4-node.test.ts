import { once } from 'node:events';
import { expect, test } from 'vitest';

import { openDiscv4 } from '../../src/cli/discv4-node.ts';
import { nodeAt } from '../../src/io/crypto/node.ts';
import { endpointOf } from '../../src/io/crypto/node-record.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { FakeTerminal } from './fake-terminal.ts';

const open = (host: string) =>
  openDiscv4({ address: { host, port: 0 }, clock: systemClock }, new FakeTerminal());

test('the record has the port that was bound, and no address that stands for all of this machine', async () => {
  for (const [host, claimed] of [
    ['127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', ''],
  ] as const) {
    const { discv4, record, key } = await open(host);
    expect(record.id).toBe(key.id);
    expect(endpointOf(record)).toMatchObject({ host: claimed, udpPort: discv4.local.port });
    discv4.close();
  }
});

test('two of them bond, and each reads the record of the other', async () => {
  const [a, b] = [await open('127.0.0.1'), await open('127.0.0.1')];
  const { id, publicKey } = b.key;
  const node = nodeAt({
    id,
    publicKey,
    host: '127.0.0.1',
    udpPort: b.discv4.local.port,
    tcpPort: 0,
  });
  const events = new EventTarget();
  a.discv4.onPingOf(node, () => events.dispatchEvent(new Event('pinged')));
  const pinged = once(events, 'pinged');
  a.discv4.ping(node, () => {});
  await pinged;
  const result = await new Promise((resolve) => a.discv4.requestRecord(node, resolve));
  expect(result).toMatchObject({ type: 'record', record: { seq: b.record.seq, id } });
  a.discv4.close();
  b.discv4.close();
});
