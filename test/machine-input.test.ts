import { expect, test } from 'vitest';

import { formatEnode } from '../src/io/crypto/enode.ts';
import { createNodeKey } from '../src/io/crypto/node-key.ts';
import { publicKeyHex } from '../src/io/crypto/public-key.ts';
import { machineInput } from '../src/machine-input.ts';
import { checkOptions } from '../src/options.ts';

const key = createNodeKey(new Uint8Array(32).fill(7));
const other = createNodeKey(new Uint8Array(32).fill(8));

test('the chart gets the limits, the static nodes and the trusted ids', () => {
  const url = formatEnode({
    publicKey: other.publicKey,
    id: other.id,
    host: 'node.invalid',
    hostKind: 'name',
    tcpPort: 30_303,
    udpPort: 30_303,
  });
  const config = checkOptions({
    nodeKey: key,
    listen: null,
    maxPeers: 10,
    maxPendingPeers: 4,
    staticNodes: [url],
    trustedNodes: [url],
  });
  expect(machineInput(config)).toEqual({
    rules: { self: key.id, maxPeers: 10, maxInbound: 7, maxPerSubnet: 3, capabilities: [] },
    listen: null,
    slots: 4,
    dial: {
      rules: { self: key.id, maxDialed: 3, maxActive: 4 },
      statics: [
        {
          id: other.id,
          publicKey: publicKeyHex(other.publicKey),
          host: 'node.invalid',
          hostKind: 'name',
          tcpPort: 30_303,
        },
      ],
    },
    trusted: [other.id],
  });
});
