/**
 * Constants of the base protocol, "p2p", which every connection uses. The contents of its messages are in files of their own.
 * Source: devp2p/rlpx.md, "p2p Capability"; limits from go-ethereum p2p/peer.go and p2p/transport.go.
 */

/** Message ids. Ping and Pong carry {@link EMPTY_PAYLOAD}. */
export const HELLO = 0x00;
export const DISCONNECT = 0x01;
export const PING = 0x02;
export const PONG = 0x03;

/** Message ids reserved for the base protocol; those of the first shared capability start here. */
export const BASE_PROTOCOL_LENGTH = 16;

/** The version in our Hello. */
export const BASE_PROTOCOL_VERSION = 5;

/** When both sides have at least this version, every message after Hello is compressed (EIP-706). */
export const SNAPPY_FROM_VERSION = 5;

/** Largest payload of a base message, decompressed, in bytes (P2). */
export const MAX_BASE_MESSAGE_BYTES = 2048;

/** RLP of the empty list. Shared: do not write to it. */
export const EMPTY_PAYLOAD: Uint8Array = Uint8Array.of(0xc0);
