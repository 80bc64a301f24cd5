/** An admitted connection as a user of the server sees it. */
import type { Endpoint } from '../io/wire/endpoint.ts';
import type { Capability } from '../io/wire/hello.ts';
import type { Direction } from '../machines/connection/connection.ts';
import type { PeerEnding } from '../machines/peer/peer.ts';
import type { AskableReason } from '../machines/peer/peer-endings.ts';

export type Peer = {
  /** Node id: keccak-256 of the public key, 64 hex digits. */
  readonly id: string;
  /** 64 bytes in hex, proven by the enc handshake. */
  readonly publicKey: string;
  /** Their client name. Untrusted text: escape it before you show it. */
  readonly client: string;
  /** The capabilities in their Hello, sorted by name and version. */
  readonly capabilities: readonly Capability[];
  /** The shared protocols that run, such as `eth/69`. */
  readonly protocols: readonly string[];
  readonly direction: Direction;
  /** Whether it is exempt from the limits now: follows `addTrustedPeer` and `removeTrustedPeer`. */
  readonly trusted: boolean;
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /**
   * Disconnects with this reason, `requested` by default; `drop` follows when it has ended. Does nothing once it is ending.
   * @throws {TypeError} `reason` is none that a caller may ask for.
   */
  disconnect(reason?: AskableReason): void;
};

export type { AskableReason, PeerEnding };
