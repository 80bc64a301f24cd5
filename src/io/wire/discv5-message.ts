/**
 * Messages of Node Discovery v5.1 as values. The packets around them, with header and encryption, are in
 * `io/crypto/discv5-packet.ts`. Topic messages, which no client speaks, are unknown types.
 * Source: devp2p/discv5/discv5-wire.md, "Protocol Messages".
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

import { Discv5Error } from './discv5-fault.ts';
import { WireError } from './error.ts';
import { bytesOfHost, hostOfBytes } from './ip-address.ts';
import {
  asBytes,
  asList,
  asUint,
  asUint64,
  decodeRlp,
  encodeRlp,
  joinRlpList,
  type RlpInput,
  type RlpValue,
} from './rlp.ts';

/** Longest request id, in bytes. */
export const MAX_REQUEST_ID_BYTES = 8;

const MAX_PORT = 65_535;
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;

/** `requestId`: 0 to 8 bytes in hex, chosen by the requester and repeated in every response. */
type WithRequestId = { readonly requestId: string };

/** `recordSeq`: the sequence number of the sender's record. */
type WithRecordSeq = { readonly recordSeq: number };

type Ping = WithRequestId & WithRecordSeq & { readonly type: 'ping' };

type Pong = WithRequestId &
  WithRecordSeq & {
    readonly type: 'pong';
    /** Where the ping came from: an IP address in its shortest spelling. */
    readonly host: string;
    readonly udpPort: number;
  };

type FindNode = WithRequestId & {
  readonly type: 'findNode';
  /** Logarithmic distances from the recipient; 0 is the recipient. Values above 256 can be read and match no node. */
  readonly distances: readonly number[];
};

type Nodes = WithRequestId & {
  readonly type: 'nodes';
  /** How many messages answer the request. Any number can be read. */
  readonly total: number;
  /** Encoded records; nothing about them is checked. */
  readonly records: readonly Uint8Array[];
};

type TalkRequest = WithRequestId & {
  readonly type: 'talkRequest';
  /** UTF-8 on the wire; bytes that are none are read as U+FFFD. */
  readonly protocol: string;
  readonly payload: Uint8Array;
};

type TalkResponse = WithRequestId & {
  readonly type: 'talkResponse';
  /** Empty when the protocol is unknown to the sender. */
  readonly payload: Uint8Array;
};

export type Discv5Message = Ping | Pong | FindNode | Nodes | TalkRequest | TalkResponse;

/** The first byte of a message. */
export const DISCV5_TYPES = {
  ping: 1,
  pong: 2,
  findNode: 3,
  nodes: 4,
  talkRequest: 5,
  talkResponse: 6,
} as const satisfies Record<Discv5Message['type'], number>;

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Type and content, as they are encrypted.
 *
 * @throws {RangeError} A request id is too long, or a port is none.
 */
export function encodeDiscv5(message: Discv5Message): Uint8Array {
  const id = requestIdBytes(message.requestId);
  const content =
    message.type === 'nodes'
      ? joinRlpList([encodeRlp(id), encodeRlp(message.total), joinRlpList(message.records)])
      : encodeRlp([id, ...itemsOf(message)]);
  return Uint8Array.of(DISCV5_TYPES[message.type], ...content);
}

/**
 * Reads type and content. As go-ethereum, each list has exactly its items, and nothing follows it.
 *
 * @throws {Discv5Error} `emptyMessage`, `unknownMessageType`, `malformedMessage` or `requestIdTooLong`
 */
export function decodeDiscv5(bytes: Uint8Array): Discv5Message {
  const [type] = bytes;
  if (type === undefined) throw new Discv5Error('emptyMessage', 'there is no type');
  if (type < DISCV5_TYPES.ping || type > DISCV5_TYPES.talkResponse)
    throw new Discv5Error('unknownMessageType', `type ${type}`);
  try {
    return contentOf(type, bytes.subarray(1));
  } catch (error) {
    if (error instanceof WireError) throw new Discv5Error('malformedMessage', error.detail);
    throw error;
  }
}

function contentOf(type: number, content: Uint8Array): Discv5Message {
  switch (type) {
    case DISCV5_TYPES.ping: {
      const [id, seq] = itemsIn(content, 2);
      return { type: 'ping', requestId: readRequestId(id), recordSeq: asUint64(seq) };
    }
    case DISCV5_TYPES.pong: {
      const [id, seq, host, port] = itemsIn(content, 4);
      return {
        type: 'pong',
        requestId: readRequestId(id),
        recordSeq: asUint64(seq),
        host: readHost(host),
        udpPort: asUint(port, MAX_PORT),
      };
    }
    case DISCV5_TYPES.findNode: {
      const [id, distances] = itemsIn(content, 2);
      return {
        type: 'findNode',
        requestId: readRequestId(id),
        distances: asList(distances).map(asUint64),
      };
    }
    case DISCV5_TYPES.nodes: {
      const [id, total, records] = itemsIn(content, 3);
      return {
        type: 'nodes',
        requestId: readRequestId(id),
        total: asUint64(total),
        records: asList(records).map((record) => encodeRlp(asList(record) as RlpInput)),
      };
    }
    case DISCV5_TYPES.talkRequest: {
      const [id, protocol, payload] = itemsIn(content, 3);
      return {
        type: 'talkRequest',
        requestId: readRequestId(id),
        protocol: fromUtf8.decode(asBytes(protocol)),
        payload: asBytes(payload),
      };
    }
    default: {
      const [id, payload] = itemsIn(content, 2);
      return { type: 'talkResponse', requestId: readRequestId(id), payload: asBytes(payload) };
    }
  }
}

function itemsOf(message: Exclude<Discv5Message, Nodes>): readonly RlpInput[] {
  switch (message.type) {
    case 'ping':
      return [message.recordSeq];
    case 'pong':
      return [message.recordSeq, bytesOfHost(message.host), requirePort(message.udpPort)];
    case 'findNode':
      return [message.distances];
    case 'talkRequest':
      return [utf8.encode(message.protocol), message.payload];
    case 'talkResponse':
      return [message.payload];
  }
}

function itemsIn(content: Uint8Array, count: number): readonly RlpValue[] {
  const items = asList(decodeRlp(content), count);
  if (items.length > count)
    throw new WireError('malformedRlp', `list of ${items.length} items, not ${count}`);
  return items;
}

function readRequestId(value: RlpValue | undefined): string {
  const bytes = asBytes(value);
  if (bytes.length > MAX_REQUEST_ID_BYTES)
    throw new Discv5Error('requestIdTooLong', `${bytes.length} bytes`);
  return bytesToHex(bytes);
}

function readHost(value: RlpValue | undefined): string {
  const bytes = asBytes(value);
  if (bytes.length !== IPV4_BYTES && bytes.length !== IPV6_BYTES)
    throw new WireError('malformedRlp', `an address of ${bytes.length} bytes`);
  return hostOfBytes(bytes);
}

function requestIdBytes(requestId: string): Uint8Array {
  const bytes = hexToBytes(requestId);
  if (bytes.length > MAX_REQUEST_ID_BYTES)
    throw new RangeError(
      `a request id has ${MAX_REQUEST_ID_BYTES} bytes at most, this one ${bytes.length}`,
    );
  return bytes;
}

function requirePort(port: number): number {
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT)
    throw new RangeError(`"udpPort" expected 0 to ${MAX_PORT}, got ${port}`);
  return port;
}
