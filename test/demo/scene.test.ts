import { expect, test } from 'vitest';

import { sealedFor } from '../../src/demo/scene.ts';
import { decrypt } from '../../src/io/crypto/ecies.ts';
import { fastPrimitives } from '../../src/testing/raw-peer/fast-crypto.ts';
import { DemoStage } from '../support/demo-stage.ts';

test('what is sealed for the node has its size in front, and the node can open it', async () => {
  const { stage, observed } = new DemoStage();
  const plaintext = Uint8Array.of(1, 2, 3);
  const packet = await sealedFor(stage, plaintext);
  const [size, sealed] = [packet.subarray(0, 2), packet.subarray(2)];
  expect(new DataView(packet.buffer, packet.byteOffset).getUint16(0)).toBe(sealed.length);
  const opened = await decrypt(observed.node.key, new Uint8Array(sealed), size, fastPrimitives);
  expect(opened).toEqual(plaintext);
});
