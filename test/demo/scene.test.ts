import { expect, test } from 'vitest';

import { encryptForNode } from '../../src/demo/scene.ts';
import { decrypt } from '../../src/io/crypto/ecies.ts';
import { fastPrimitives } from '../../src/testing/raw-peer/fast-crypto.ts';
import { DemoContext } from '../support/demo-context.ts';

test('the packet starts with its size, and the node can decrypt it', async () => {
  const { context, demoNode } = new DemoContext();
  const plaintext = Uint8Array.of(1, 2, 3);
  const packet = await encryptForNode(context, plaintext);
  const [size, sealed] = [packet.subarray(0, 2), packet.subarray(2)];
  expect(new DataView(packet.buffer, packet.byteOffset).getUint16(0)).toBe(sealed.length);
  const opened = await decrypt(demoNode.node.key, new Uint8Array(sealed), size, fastPrimitives);
  expect(opened).toEqual(plaintext);
});
