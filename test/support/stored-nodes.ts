/** Nodes for tests of the node store, without a signature to make or to check. */
import type { Node } from '../../src/io/crypto/node.ts';
import { parseNode } from '../../src/io/crypto/node.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { keyOf } from './world.ts';

/** The id of a node whose key does not exist. */
export const storedId = (number: number): string => number.toString(16).padStart(64, '0');

/** It has no valid key: it cannot be read back as a node. */
export const storedNode = (number: number, host = '198.51.100.7'): Node => ({
  id: storedId(number),
  publicKey: new Uint8Array(65) as Node['publicKey'],
  ...{ host, hostKind: 'ipv4', tcpPort: 30303, udpPort: 30303, record: null },
  text: `enode://${storedId(number).repeat(2)}@${host}:30303`,
});

/** One with a key. */
export function realNode(number: number, host = '198.51.100.7'): Node {
  return parseNode(`enode://${publicKeyHex(keyOf(number).publicKey)}@${host}:30303`);
}
