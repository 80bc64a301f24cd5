import { expect, test } from 'vitest';

import { openDiscv5 } from '../../src/cli/discv5-node.ts';
import { CommandError } from '../../src/cli/error.ts';
import { nodeOfRecord } from '../../src/io/crypto/node.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { FakeTerminal } from './fake-terminal.ts';

const open = (port = 0) =>
  openDiscv5({ address: { host: '127.0.0.1', port }, clock: systemClock }, new FakeTerminal());

test('two of them make a session, and each reads the record of the other', async () => {
  const [a, b] = [await open(), await open()];
  const node = nodeOfRecord(b.record);
  const result = await new Promise((resolve) => void a.discv5.requestRecord(node, resolve));
  expect(result).toMatchObject({ type: 'record', record: { id: b.key.id, seq: b.record.seq } });
  expect([a.discv5.stats().sessions, b.discv5.stats().sessions]).toEqual([1, 1]);
  a.discv5.close();
  b.discv5.close();
});

test('an address that cannot be bound is the mistake of the user', async () => {
  const { discv5 } = await open();
  await expect(open(discv5.local.port)).rejects.toThrow(CommandError);
  discv5.close();
});
