/** Events a link reports to its machine, and the commands it takes. Facts of a lifecycle, never payloads. */
import type { DisconnectReason } from '../wire/disconnect.ts';
import type { WireFault } from '../wire/error.ts';
import type { Hello } from '../wire/hello.ts';

/** How the remote closed a stream: an orderly end, a reset, or another error of the system. */
export type CloseKind = 'closed' | 'reset' | 'broken';

/** Possible from the first byte to the last. */
type AnyTimeEvent =
  | {
      readonly type: 'disconnect.received';
      readonly reason: DisconnectReason | 'unrecognised';
      /** The number on the wire; null when none could be read. */
      readonly code: number | null;
    }
  | { readonly type: 'link.garbled'; readonly fault: WireFault; readonly detail: string }
  /** The remote does not take our bytes: none in `stalledMs`; without it, more of them are unsent than the limit. */
  | { readonly type: 'link.stalled'; readonly unsentBytes: number; readonly stalledMs?: number }
  | { readonly type: 'link.closed'; readonly how: CloseKind; readonly detail: string }
  /** A fault of our own, already logged with its stack. */
  | { readonly type: 'link.faulted'; readonly message: string };

export type Disconnected = Extract<AnyTimeEvent, { type: 'disconnect.received' }>;
export type Garbled = Extract<AnyTimeEvent, { type: 'link.garbled' }>;
export type Closed = Extract<AnyTimeEvent, { type: 'link.closed' }>;
export type Stalled = Extract<AnyTimeEvent, { type: 'link.stalled' }>;

/** Reported while the connection is being set up. Keys are 64 bytes in hex, ids are node ids. */
export type SetupLinkEvent =
  | AnyTimeEvent
  | { readonly type: 'auth.sent' }
  /** A whole auth arrived. It is not decrypted yet: that takes a command, and waits for its turn. */
  | { readonly type: 'auth.queued' }
  /** The queue of handshakes has no room for this one: `waiting` other strangers are in it. */
  | { readonly type: 'handshakes.full'; readonly waiting: number }
  | { readonly type: 'auth.received'; readonly publicKey: string; readonly id: string }
  | { readonly type: 'ack.sent' }
  | { readonly type: 'ack.received'; readonly publicKey: string; readonly id: string }
  | { readonly type: 'hello.received'; readonly hello: Hello }
  /** The first message is neither Hello nor Disconnect. */
  | { readonly type: 'message.unexpected'; readonly code: number };

/** Reported while the connection is a peer. A remote cannot cause any of these at line rate. */
export type PeerLinkEvent =
  | AnyTimeEvent
  /** Once per ping of ours. `afterMs`: since the latest ping was ordered; without it the next ping waits the whole interval. */
  | { readonly type: 'pong.received'; readonly afterMs?: number }
  /** The pong is not here, but the remote makes progress: it has more time. Every 15 s. */
  | { readonly type: 'pong.deferred' }
  /** No byte arrived for `silentMs` after the system took our ping. */
  | { readonly type: 'pong.overdue'; readonly silentMs?: number }
  /** No message, or too little of one, was received for `silentMs` although we were reading. */
  | { readonly type: 'link.silent'; readonly silentMs?: number }
  /** Pings arrive faster than the bucket refills; reading has stopped. */
  | { readonly type: 'ping.flooded' }
  /** A second Hello; reading has stopped. */
  | { readonly type: 'hello.repeated' }
  /** The message id is outside every shared protocol; reading has stopped. */
  | { readonly type: 'message.unroutable'; readonly code: number }
  /** A handler left its queue full for too long; reading has stopped. */
  | { readonly type: 'handler.stalled'; readonly protocol: string };

/** One step each. A link does nothing without a command. */
export type LinkCommand =
  | { readonly type: 'send.auth' }
  | { readonly type: 'await.ack' }
  | { readonly type: 'await.auth' }
  | { readonly type: 'process.auth' }
  | { readonly type: 'send.ack' }
  | { readonly type: 'send.hello' }
  | { readonly type: 'await.hello' }
  | { readonly type: 'start.routing' }
  | { readonly type: 'send.ping' }
  /** Sends Disconnect, closes our direction and reads on only to see the remote close. */
  | { readonly type: 'send.disconnect'; readonly reason: DisconnectReason }
  /** Closes our direction without a Disconnect. */
  | { readonly type: 'hang.up' };
