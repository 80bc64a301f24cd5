/** Nodes for tests of the node store, and records of our own. */
import type { Node } from '../../src/io/crypto/node.ts';
import { parseNode } from '../../src/io/crypto/node.ts';
import { type NodeRecord, signRecord } from '../../src/io/crypto/node-record.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { formatRecord } from '../../src/io/wire/enr.ts';
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

/** The id that {@link ownRecord} has unless a key is given. */
export const OWN_ID = keyOf(9).id;

/** A record that says nothing but who signed it. */
export const ownRecord = (seq: number, number = 9): NodeRecord =>
  signRecord({ seq, entries: new Map() }, keyOf(number));

export const textOf = ({ bytes }: NodeRecord): string => formatRecord(bytes);
