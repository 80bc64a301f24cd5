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
  /** Their name for themselves: text of a stranger, so escape it before you show it. */
  readonly client: string;
  /** What they offered, sorted by name and version. */
  readonly capabilities: readonly Capability[];
  /** What runs: names and versions such as `eth/69`. */
  readonly protocols: readonly string[];
  readonly direction: Direction;
  /** Exempt from the limits right now: follows `addTrustedPeer` and `removeTrustedPeer`. */
  readonly trusted: boolean;
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** Asks to end it with this reason; `drop` follows when it has. Does nothing once it is ending. */
  disconnect(reason?: AskableReason): void;
};

export type { AskableReason, PeerEnding };
