import { expect, test } from 'vitest';
import type { EventObject } from 'xstate';

import { type LocalNodeEvent, localNode } from '../../../src/io/adapters/local-node.ts';
import type { NodeKey } from '../../../src/io/crypto/node-key.ts';
import { alice } from '../../support/handshake.ts';
import { runAdapter } from '../../support/reports.ts';
import { turns } from '../../support/turn.ts';

const run = (key: NodeKey) =>
  runAdapter<LocalNodeEvent, EventObject, unknown>(localNode(key), undefined);

test('a key that multiplies is ready', async () => {
  const { reports } = run(alice);
  await reports.next('localNode.ready');
  expect(reports.types).toEqual(['localNode.ready']);
});

test('a key that does not is reported instead of thrown', async () => {
  const { reports } = run({ ...alice, ecdh: () => Promise.reject(new Error('no curve')) });
  expect(await reports.next('localNode.failed')).toMatchObject({ message: 'Error: no curve' });
});

test('a stopped local node reports nothing', async () => {
  const { reports, stop } = run(alice);
  stop();
  await turns();
  expect(reports.all).toEqual([]);
});
