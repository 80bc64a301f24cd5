/**
 * Hello, the first message in each direction. Its contents are unproven: the machines check that the key is the one
 * of the handshake and that versions match.
 * Source: devp2p/rlpx.md, "Hello (0x00)"; limits from P3 of our threat model.
 */
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

import { MAX_BASE_MESSAGE_BYTES } from './base-message.ts';
import { WireError } from './error.ts';
import { hexOf } from './hex.ts';
import {
  asBytes,
  asList,
  asUint,
  asUint64,
  decodeFirstItems,
  encodeRlp,
  type RlpValue,
} from './rlp.ts';

/** Bytes of UTF-8 kept of a client name. Ours. */
const MAX_CLIENT_BYTES = 256;

/** Most capabilities in our own Hello. Theirs are bounded by the size of the message. Ours. */
export const MAX_CAPABILITIES = 64;

/** UTF-16 units kept of a capability name: a name of ours has eight at most. Ours. */
const MAX_NAME_CHARS = 32;

const MAX_PORT = 65_535;
const PUBLIC_KEY_BYTES = 64;

/** Items of Hello and of one capability. More are ignored. */
const HELLO_ITEMS = 5;
const CAPABILITY_ITEMS = 2;

/** What a capability name may show; every other character is escaped, spaces too, so that names can be listed. */
const NAME_CHARACTER = /^[\x21-\x7e]$/;

export type Capability = {
  /** "Short ASCII name (max eight characters)". Of a peer: visible ASCII, other characters escaped, cut at 32. */
  readonly name: string;
  readonly version: number;
};

export type Hello = {
  /** Version of the base protocol. Any number is accepted; it only decides on compression. */
  readonly version: number;
  /** Text chosen by the peer: pass it through `printable` before showing it. */
  readonly client: string;
  /** In the sender's order, without duplicates. */
  readonly capabilities: readonly Capability[];
  /** Legacy and untrusted; 0 when the peer does not listen or the field is malformed. */
  readonly listenPort: number;
  /** 64 bytes as 128 lower-case hex digits, not all zero. Not checked to be a point. */
  readonly publicKey: string;
};

/** @throws {RangeError} The message would exceed {@link MAX_BASE_MESSAGE_BYTES}, which no client accepts. */
export function encodeHello(hello: Hello): Uint8Array {
  const payload = encodeRlp([
    hello.version,
    utf8ToBytes(hello.client),
    hello.capabilities.map(({ name, version }) => [utf8ToBytes(name), version]),
    hello.listenPort,
    hexToBytes(hello.publicKey),
  ]);
  if (payload.length > MAX_BASE_MESSAGE_BYTES)
    throw new RangeError(
      `"hello" expected ${MAX_BASE_MESSAGE_BYTES} bytes at most, got ${payload.length}`,
    );
  return payload;
}

/**
 * As tolerant as go-ethereum: further items (EIP-8), bytes after the list, any names and any number of capabilities.
 *
 * @throws {WireError} `invalidIdentity` for a key that is not 64 bytes or all zero, `malformedHello` for the rest.
 */
export function decodeHello(payload: Uint8Array): Hello {
  if (payload.length > MAX_BASE_MESSAGE_BYTES)
    throw malformed(`${payload.length} > ${MAX_BASE_MESSAGE_BYTES} bytes`);
  try {
    const [version, client, capabilities, listenPort, publicKey] = decodeFirstItems(
      payload,
      HELLO_ITEMS,
    );
    return {
      version: asUint64(version),
      client: readClient(client),
      capabilities: readCapabilities(capabilities),
      listenPort: readPort(listenPort),
      publicKey: readPublicKey(publicKey),
    };
  } catch (error) {
    if (error instanceof WireError && error.fault === 'malformedRlp')
      throw malformed(error.message);
    throw error;
  }
}

/** A longer name is cut between two characters. */
function readClient(value: RlpValue | undefined): string {
  const bytes = asBytes(value);
  return decodeText(bytes.subarray(0, MAX_CLIENT_BYTES), bytes.length > MAX_CLIENT_BYTES);
}

/** A name outside the spec's alphabet cannot be one of ours, but is part of what the peer offers. */
function readCapabilities(value: RlpValue | undefined): readonly Capability[] {
  const distinct = new Map<string, Capability>();
  for (const pair of asList(value)) {
    const [first, second] = asList(pair, CAPABILITY_ITEMS);
    const name = readName(asBytes(first));
    const version = asUint64(second);
    distinct.set(`${name}/${version}`, { name, version });
  }
  return [...distinct.values()];
}

function readName(bytes: Uint8Array): string {
  let name = '';
  for (const character of decodeText(bytes)) {
    const shown = NAME_CHARACTER.test(character)
      ? character
      : `\\u{${character.codePointAt(0)!.toString(16)}}`;
    if (name.length + shown.length > MAX_NAME_CHARS) break;
    name += shown;
  }
  return name;
}

/** The spec requires this field to be ignored, so no value is a fault. */
function readPort(value: RlpValue | undefined): number {
  try {
    return asUint(value, MAX_PORT);
  } catch {
    return 0;
  }
}

function readPublicKey(value: RlpValue | undefined): string {
  const bytes = asBytes(value);
  if (bytes.length !== PUBLIC_KEY_BYTES)
    throw new WireError('invalidIdentity', `key of ${bytes.length} bytes`);
  if (bytes.every((byte) => byte === 0)) throw new WireError('invalidIdentity', 'key is all zero');
  return hexOf(bytes);
}

/** Lossy: bytes that are not UTF-8 become U+FFFD. Of a cut text, an incomplete last character is left out. */
function decodeText(bytes: Uint8Array, isCut = false): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: isCut });
}

function malformed(detail: string): WireError {
  return new WireError('malformedHello', detail);
}
