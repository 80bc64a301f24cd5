/**
 * Signed node records of the identity scheme "v4": who signed them, and where their node is reached.
 * Source: EIP-778, devp2p/enr.md.
 */
import { utf8ToBytes } from '@noble/hashes/utils.js';

import {
  decodeRecord,
  encodeContent,
  encodeRecord,
  type RecordContent,
  type RecordEntries,
  RecordError,
} from '../wire/enr.ts';
import { WireError } from '../wire/error.ts';
import { hostOfBytes, type IpAddress, parseIp } from '../wire/ip-address.ts';
import { asBytes, asUint, decodeRlp, encodeRlp, type RlpInput } from '../wire/rlp.ts';
import type { NodeKey } from './node-key.ts';
import { noblePrimitives, type Primitives } from './primitives.ts';
import {
  compressedPublicKey,
  nodeId,
  type PublicKey,
  parseCompressedPublicKey,
} from './public-key.ts';

const SCHEME = 'v4';
const SIGNATURE_BYTES = 64;
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;
const MAX_PORT = 65_535;
const NO_BYTES = new Uint8Array();

/** A record whose signature was checked. */
export type NodeRecord = RecordContent & {
  readonly publicKey: PublicKey;
  /** The node id, 64 hex digits. */
  readonly id: string;
  /** As it travels, 300 at most. */
  readonly bytes: Uint8Array;
};

/** Where the node of a record is reached. Ports are 0 when the record has none. */
export type RecordEndpoint = {
  /** An IP address in its shortest spelling, or empty. */
  readonly host: string;
  readonly hostKind: 'ipv4' | 'ipv6' | 'none';
  readonly tcpPort: number;
  readonly udpPort: number;
};

/**
 * @throws {RecordError} Each fault, in this order: size, structure, identity scheme, key, signature.
 */
export function readRecord(
  bytes: Uint8Array,
  primitives: Primitives = noblePrimitives,
): NodeRecord {
  const { signature, seq, entries, content } = decodeRecord(bytes);
  const scheme = latin1(bytesAt(entries, 'id'));
  if (scheme !== SCHEME)
    throw new RecordError('unknownIdentityScheme', scheme === null ? 'no "id"' : '"id" is not v4');
  const publicKey = keyIn(entries, primitives);
  const isSigned =
    signature.length === SIGNATURE_BYTES &&
    primitives.verify(primitives.keccak256(content), signature, publicKey);
  if (!isSigned) throw new RecordError('badRecordSignature', 'the key did not sign this content');
  return {
    seq,
    entries,
    publicKey,
    id: nodeId(publicKey, primitives),
    bytes: new Uint8Array(bytes),
  };
}

/**
 * Adds the scheme and the key to the entries, which must not have them, and signs.
 *
 * @throws {RecordError} `recordTooBig`. @throws {RangeError} `seq` is not a safe integer from 0 on.
 */
export function signRecord(
  { seq, entries }: RecordContent,
  key: NodeKey,
  primitives: Primitives = noblePrimitives,
): NodeRecord {
  const content = encodeContent({
    seq,
    entries: new Map([
      ...entries,
      ['id', recordValue(utf8ToBytes(SCHEME))],
      ['secp256k1', recordValue(compressedPublicKey(key.publicKey))],
    ]),
  });
  const signature = key.sign(primitives.keccak256(content)).subarray(0, SIGNATURE_BYTES);
  return readRecord(encodeRecord(signature, content), primitives); // a key of the user may sign wrong
}

/** Whether the record has these entries, besides the scheme and the key. */
export function hasEntries(record: NodeRecord, entries: RecordEntries): boolean {
  const isIn = ([key, value]: readonly [string, Uint8Array]): boolean =>
    Buffer.compare(record.entries.get(key) ?? NO_BYTES, value) === 0;
  return record.entries.size === entries.size + 2 && [...entries].every(isIn);
}

/** A value of {@link RecordEntries}. */
export const recordValue = (value: RlpInput): Uint8Array => encodeRlp(value);

/**
 * The more public one of the two addresses, IPv4 when both are alike, with the ports of its family. As go-ethereum: an
 * entry that cannot be read counts as absent, and IPv6 without ports of its own has those of IPv4.
 */
export function endpointOf({ entries }: Pick<NodeRecord, 'entries'>): RecordEndpoint {
  const ipv4 = addressIn(entries, 'ip', IPV4_BYTES);
  const ipv6 = addressIn(entries, 'ip6', IPV6_BYTES);
  const chosen = publicness(ipv4) >= publicness(ipv6) ? ipv4 : ipv6;
  const isIpv6 = chosen?.kind() === 'ipv6';
  const port = (name: 'tcp' | 'udp'): number =>
    (isIpv6 ? portIn(entries, `${name}6`) : null) ?? portIn(entries, name) ?? 0;
  return {
    host: chosen?.toString() ?? '',
    hostKind: chosen?.kind() ?? 'none',
    tcpPort: port('tcp'),
    udpPort: port('udp'),
  };
}

function keyIn(entries: RecordEntries, primitives: Primitives): PublicKey {
  const bytes = bytesAt(entries, 'secp256k1');
  if (!bytes) throw new RecordError('invalidPublicKey', 'no "secp256k1"');
  try {
    return parseCompressedPublicKey(bytes, primitives);
  } catch (error) {
    if (error instanceof WireError) throw new RecordError('invalidPublicKey', error.detail);
    throw error;
  }
}

/** Null when the entry is absent, or a list. */
function bytesAt(entries: RecordEntries, key: string): Uint8Array | null {
  return read(entries, key, (value) => asBytes(value));
}

function portIn(entries: RecordEntries, key: string): number | null {
  return read(entries, key, (value) => asUint(value, MAX_PORT));
}

/** A multicast address addresses no node. */
function addressIn(entries: RecordEntries, key: string, bytes: number): IpAddress | null {
  const address = read(entries, key, (value) => parseIp(hostOfBytes(asBytes(value, bytes))));
  return address?.range() === 'multicast' ? null : address;
}

function read<Result>(
  entries: RecordEntries,
  key: string,
  as: (value: ReturnType<typeof decodeRlp>) => Result,
): Result | null {
  const value = entries.get(key);
  if (!value) return null;
  try {
    return as(decodeRlp(value));
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

/** The order in which go-ethereum prefers addresses, p2p/enode/node.go, `localityScore`. */
function publicness(address: IpAddress | null): number {
  if (!address) return -1;
  const place = ['unspecified', 'loopback', 'linkLocal', 'private'].indexOf(
    address.range() === 'uniqueLocal' ? 'private' : address.range(),
  );
  return place === -1 ? 4 : place;
}

const latin1 = (bytes: Uint8Array | null): string | null => bytes && String.fromCharCode(...bytes);
