/**
 * Messages of Node Discovery v4 as values. The packet around them, with hash and signature, is in
 * `io/crypto/discv4-packet.ts`.
 * Source: devp2p/discv4.md; EIP-8 for what is ignored; EIP-868 for `recordSeq` and the last two messages.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

import { WireError } from './error.ts';
import { bytesOfHost, hostOfBytes } from './ip-address.ts';
import {
  asBytes,
  asList,
  asUint,
  asUint64,
  decodeFirstItems,
  encodeRlp,
  joinRlpList,
  type RlpInput,
  type RlpValue,
} from './rlp.ts';

const MAX_PORT = 65_535;
const KEY_BYTES = 64;
const UINT64_BYTES = 8;

/** From this byte on, the first of eight, a time is negative for go-ethereum: long past. */
const SIGN_BIT = 0x80;

/** Where a node says that it, or another one, is reached. Nothing is proven. */
export type DiscoveryEndpoint = {
  /** An IP address in its shortest spelling, or empty. */
  readonly host: string;
  readonly udpPort: number;
  /** 0: does not listen. */
  readonly tcpPort: number;
};

export type DiscoveredNode = DiscoveryEndpoint & {
  /** 64 bytes in hex. Not checked to be a point. */
  readonly publicKey: string;
};

/** `expiration`: Unix time in seconds; 0 stands for times from 2⁶³ on, which are past for go-ethereum. */
type Expiring = { readonly expiration: number };

/** The sequence number of the sender's record; null when it gives none. */
type WithRecordSeq = { readonly recordSeq: number | null };

type Ping = Expiring &
  WithRecordSeq & {
    readonly type: 'ping';
    /** 4; ignored when it is read. */
    readonly version: number;
    readonly from: DiscoveryEndpoint;
    readonly to: DiscoveryEndpoint;
  };

type Pong = Expiring &
  WithRecordSeq & {
    readonly type: 'pong';
    /** Where the ping came from. */
    readonly to: DiscoveryEndpoint;
    /** Hash of the ping's packet. */
    readonly pingHash: Uint8Array;
  };

type FindNode = Expiring & {
  readonly type: 'findNode';
  /** Public key, 64 bytes in hex: nodes close to its hash are wanted. It need not be a point. */
  readonly target: string;
};

type Neighbors = Expiring & {
  readonly type: 'neighbors';
  readonly nodes: readonly DiscoveredNode[];
};

type EnrRequest = Expiring & { readonly type: 'enrRequest' };

type EnrResponse = {
  readonly type: 'enrResponse';
  /** Hash of the request's packet. */
  readonly requestHash: Uint8Array;
  /** The encoded record. */
  readonly record: Uint8Array;
};

export type Discv4Message = Ping | Pong | FindNode | Neighbors | EnrRequest | EnrResponse;

/** The first byte of a message. */
export const DISCV4_TYPES = {
  ping: 1,
  pong: 2,
  findNode: 3,
  neighbors: 4,
  enrRequest: 5,
  enrResponse: 6,
} as const satisfies Record<Discv4Message['type'], number>;

/** Type and content, as they are signed. */
export function encodeDiscv4(message: Discv4Message): Uint8Array {
  const data = message.type === 'enrResponse' ? responseData(message) : encodeRlp(itemsOf(message));
  return Uint8Array.of(DISCV4_TYPES[message.type], ...data);
}

/**
 * Reads type and content. Further items, and bytes after the list, are ignored.
 *
 * @returns null for a type that is none.
 * @throws {WireError} `malformedRlp`
 */
export function decodeDiscv4(bytes: Uint8Array): Discv4Message | null {
  const data = bytes.subarray(1);
  switch (bytes[0]) {
    case DISCV4_TYPES.ping: {
      const [version, from, to, expiration, seq] = decodeFirstItems(data, 4, 1);
      return {
        type: 'ping',
        version: asUint64(version),
        from: readEndpoint(from),
        to: readEndpoint(to),
        expiration: readExpiration(expiration),
        recordSeq: readSeq(seq),
      };
    }
    case DISCV4_TYPES.pong: {
      const [to, pingHash, expiration, seq] = decodeFirstItems(data, 3, 1);
      return {
        type: 'pong',
        to: readEndpoint(to),
        pingHash: asBytes(pingHash),
        expiration: readExpiration(expiration),
        recordSeq: readSeq(seq),
      };
    }
    case DISCV4_TYPES.findNode: {
      const [target, expiration] = decodeFirstItems(data, 2);
      return {
        type: 'findNode',
        target: bytesToHex(asBytes(target, KEY_BYTES)),
        expiration: readExpiration(expiration),
      };
    }
    case DISCV4_TYPES.neighbors: {
      const [nodes, expiration] = decodeFirstItems(data, 2);
      return {
        type: 'neighbors',
        nodes: asList(nodes).flatMap(readNode),
        expiration: readExpiration(expiration),
      };
    }
    case DISCV4_TYPES.enrRequest: {
      const [expiration] = decodeFirstItems(data, 1);
      return { type: 'enrRequest', expiration: readExpiration(expiration) };
    }
    case DISCV4_TYPES.enrResponse: {
      const [requestHash, record] = decodeFirstItems(data, 2);
      return {
        type: 'enrResponse',
        requestHash: asBytes(requestHash),
        record: encodeRlp(asList(record) as RlpInput),
      };
    }
    default:
      return null;
  }
}

function itemsOf(message: Exclude<Discv4Message, EnrResponse>): RlpInput {
  const { expiration } = message;
  switch (message.type) {
    case 'ping':
      return [
        ...[message.version, endpointItems(message.from), endpointItems(message.to), expiration],
        ...seqItems(message),
      ];
    case 'pong':
      return [endpointItems(message.to), message.pingHash, expiration, ...seqItems(message)];
    case 'findNode':
      return [hexToBytes(message.target), expiration];
    case 'neighbors':
      return [
        message.nodes.map((node) => [...endpointItems(node), hexToBytes(node.publicKey)]),
        expiration,
      ];
    case 'enrRequest':
      return [expiration];
  }
}

/** The record as it is: its items are signed. */
const responseData = ({ requestHash, record }: EnrResponse): Uint8Array =>
  joinRlpList([encodeRlp(requestHash), record]);

const endpointItems = ({ host, udpPort, tcpPort }: DiscoveryEndpoint): readonly RlpInput[] => [
  host === '' ? new Uint8Array() : bytesOfHost(host),
  udpPort,
  tcpPort,
];

const seqItems = ({ recordSeq }: WithRecordSeq): readonly RlpInput[] =>
  recordSeq === null ? [] : [recordSeq];

/** Some clients send no address of their own. An address that is none counts as absent. */
function readEndpoint(value: RlpValue | undefined): DiscoveryEndpoint {
  const [host, udpPort, tcpPort] = asList(value, 3);
  return {
    host: readHost(asBytes(host)) ?? '',
    udpPort: asUint(udpPort, MAX_PORT),
    tcpPort: asUint(tcpPort, MAX_PORT),
  };
}

/** As in go-ethereum, a node without a usable address is left out, and the others are read. */
function readNode(value: RlpValue): readonly DiscoveredNode[] {
  const [host, udpPort, tcpPort, publicKey] = asList(value, 4);
  const node = {
    host: readHost(asBytes(host)),
    udpPort: asUint(udpPort, MAX_PORT),
    tcpPort: asUint(tcpPort, MAX_PORT),
    publicKey: bytesToHex(asBytes(publicKey, KEY_BYTES)),
  };
  return node.host === null ? [] : [{ ...node, host: node.host }];
}

const readHost = (bytes: Uint8Array): string | null =>
  bytes.length === 4 || bytes.length === 16 ? hostOfBytes(bytes) : null;

function readExpiration(value: RlpValue | undefined): number {
  const bytes = asBytes(value);
  return bytes.length === UINT64_BYTES && bytes[0]! >= SIGN_BIT ? 0 : asUint64(value);
}

/** Before EIP-868 anything could stand here: what is no number is no sequence number. */
function readSeq(value: RlpValue | undefined): number | null {
  if (value === undefined) return null;
  try {
    return asUint64(value);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
