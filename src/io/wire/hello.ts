/**
 * Hello, the first message in each direction. Its contents are unproven: the machines check that the key is the one
 * of the handshake and that versions match.
 * Source: devp2p/rlpx.md, "Hello (0x00)"; limits from P3 of our threat model.
 */
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

import { MAX_BASE_MESSAGE_BYTES } from './base-message.ts';
import { WireError } from './error.ts';
import { asBytes, asList, asUint, decodeRlp, encodeRlp, type RlpValue } from './rlp.ts';

/** Longest client name, in bytes of UTF-8. Ours. */
const MAX_CLIENT_BYTES = 256;

/** Most capabilities, without unusable ones and duplicates. Ours. */
export const MAX_CAPABILITIES = 64;

/** Capability versions are kept in 31 bits. Ours. */
const MAX_CAPABILITY_VERSION = 0x7fff_ffff;

const MAX_PORT = 65_535;
const PUBLIC_KEY_BYTES = 64;

/** Items of Hello and of one capability. More are ignored. */
const HELLO_ITEMS = 5;
const CAPABILITY_ITEMS = 2;

/** "Short ASCII name (max eight characters)"; no space, so that names can be listed. */
const CAPABILITY_NAME = /^[\x21-\x7e]{1,8}$/;

export type Capability = { readonly name: string; readonly version: number };

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
 * Ignores further items (EIP-8).
 *
 * @throws {WireError} `invalidIdentity` for a key that is not 64 bytes or all zero, `malformedHello` for the rest.
 */
export function decodeHello(payload: Uint8Array): Hello {
  if (payload.length > MAX_BASE_MESSAGE_BYTES)
    throw malformed(`${payload.length} > ${MAX_BASE_MESSAGE_BYTES} bytes`);
  try {
    const [version, client, capabilities, listenPort, publicKey] = asList(
      decodeRlp(payload),
      HELLO_ITEMS,
    );
    return {
      version: asUint(version, Number.MAX_SAFE_INTEGER),
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

function readClient(value: RlpValue | undefined): string {
  const bytes = asBytes(value);
  if (bytes.length > MAX_CLIENT_BYTES)
    throw malformed(`client name of ${bytes.length} > ${MAX_CLIENT_BYTES} bytes`);
  return decodeText(bytes);
}

/**
 * A name outside the spec's alphabet cannot be one of ours, so it is left out and the connection is kept: go-ethereum
 * accepts any name, and clients in use offer experiments. A malformed pair is a fault.
 */
function readCapabilities(value: RlpValue | undefined): readonly Capability[] {
  const distinct = new Map<string, Capability>();
  for (const pair of asList(value)) {
    const [first, second] = asList(pair, CAPABILITY_ITEMS);
    const name = decodeText(asBytes(first));
    const version = asUint(second, MAX_CAPABILITY_VERSION);
    if (CAPABILITY_NAME.test(name)) distinct.set(`${name}/${version}`, { name, version });
  }
  if (distinct.size > MAX_CAPABILITIES)
    throw malformed(`${distinct.size} > ${MAX_CAPABILITIES} capabilities`);
  return [...distinct.values()];
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
  return bytesToHex(bytes);
}

/** Lossy: bytes that are not UTF-8 become U+FFFD. */
function decodeText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function malformed(detail: string): WireError {
  return new WireError('malformedHello', detail);
}
