/** The entries of our own node record. What they claim is decided by the chart `local-node`. Source: devp2p/enr.md. */
import {
  encodeContent,
  encodeRecord,
  MAX_RECORD_BYTES,
  type RecordEntries,
  RecordError,
} from '../wire/enr.ts';
import { bytesOfHost } from '../wire/ip-address.ts';
import type { RlpInput } from '../wire/rlp.ts';
import { recordValue } from './node-record.ts';

/** Why an endpoint is claimed: the operator gave it, the gateway says it, other nodes see it, or nothing better is known. */
export type EndpointClaim = {
  readonly why: 'static' | 'gateway' | 'predicted' | 'fallback';
  /** An IP address. */
  readonly host: string;
  /** 0: no discovery. */
  readonly udpPort: number;
};

export type RecordClaims = {
  readonly ipv4: EndpointClaim | null;
  readonly ipv6: EndpointClaim | null;
  /** 0: does not listen. */
  readonly tcpPort: number;
  /** For a family without a port of its own. 0: no discovery. */
  readonly udpPort: number;
};

/** Entries that others add, such as `eth`, by their key. */
export type RecordAttributes = Readonly<Record<string, RlpInput>>;

/** Keys that only the local node writes. `tcp6` is one: go-ethereum never writes it, and readers use `tcp`. */
const OWN_KEYS = ['id', 'secp256k1', 'ip', 'ip6', 'tcp', 'tcp6', 'udp', 'udp6', 'quic', 'quic6'];

const ATTRIBUTE_KEY = /^[\x21-\x7e]{1,32}$/;
const SIGNATURE_BYTES = 64;
const COMPRESSED_KEY_BYTES = 33;
const MAX_PORT = 65_535;
const MAX_SEQ = Number.MAX_SAFE_INTEGER;

/** Without the identity, which signing adds. A port 0 is no entry, and `udp6` is one only when it differs from `udp`. */
export function recordEntries(
  { ipv4, ipv6, tcpPort, udpPort }: RecordClaims,
  attributes: RecordEntries,
): RecordEntries {
  const entries = new Map(attributes);
  const port = (key: string, value: number): void => {
    if (value !== 0) entries.set(key, recordValue(value));
  };
  const udp = ipv4?.udpPort ?? udpPort;
  const udp6 = ipv6?.udpPort ?? 0;
  if (ipv4) entries.set('ip', recordValue(bytesOfHost(ipv4.host)));
  if (ipv6) entries.set('ip6', recordValue(bytesOfHost(ipv6.host)));
  port('tcp', tcpPort);
  port('udp', udp);
  port('udp6', udp6 === udp ? 0 : udp6);
  return entries;
}

/**
 * The RLP of each attribute.
 *
 * @throws {TypeError} A key is not allowed, a value cannot be encoded, or the record would be longer than 300 bytes.
 */
export function encodeAttributes(attributes: RecordAttributes): RecordEntries {
  const entries = new Map<string, Uint8Array>();
  for (const [key, value] of Object.entries(attributes)) {
    if (!ATTRIBUTE_KEY.test(key) || OWN_KEYS.includes(key))
      throw new TypeError(
        `"${key}" is not a key for attributes: expected 1 to 32 printable ASCII characters, and none of ${OWN_KEYS.join(', ')}`,
      );
    entries.set(key, encoded(key, value));
  }
  assertFits(entries);
  return entries;
}

function encoded(key: string, value: RlpInput): Uint8Array {
  try {
    assertWhole(value);
    return recordValue(value);
  } catch (error) {
    throw new TypeError(`"${key}" cannot be encoded as RLP: ${(error as Error).message}`);
  }
}

/** The RLP library takes NaN, and numbers that are not exact, for some number. */
function assertWhole(value: RlpInput): void {
  if (Array.isArray(value)) value.forEach(assertWhole);
  else if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new RangeError(`${value} is not a whole number below 2^53`);
}

/** With the longest endpoint of each family. */
function assertFits(attributes: RecordEntries): void {
  const claims: RecordClaims = {
    ipv4: { why: 'static', host: '255.255.255.255', udpPort: MAX_PORT },
    ipv6: { why: 'static', host: `${'ffff:'.repeat(7)}ffff`, udpPort: MAX_PORT - 1 },
    tcpPort: MAX_PORT,
    udpPort: MAX_PORT,
  };
  const identity = [
    ['id', recordValue(new Uint8Array(2).fill(1))],
    ['secp256k1', recordValue(new Uint8Array(COMPRESSED_KEY_BYTES).fill(1))],
  ] as const;
  const entries = new Map([...recordEntries(claims, attributes), ...identity]);
  try {
    encodeRecord(new Uint8Array(SIGNATURE_BYTES).fill(1), encodeContent({ seq: MAX_SEQ, entries }));
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new TypeError(
      `the attributes do not fit into a node record of ${MAX_RECORD_BYTES} bytes: ${error.message}`,
    );
  }
}
