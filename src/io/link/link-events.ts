/** What a link tells the machine that drives it, and what it can be told. Facts of a lifecycle, never payloads. */
import type { DisconnectReason } from '../wire/disconnect.ts';
import type { WireFault } from '../wire/error.ts';
import type { Hello } from '../wire/hello.ts';

/** How the far end of a stream went away: an orderly end, a reset, or another error of the system. */
export type CloseKind = 'closed' | 'reset' | 'broken';

/** Possible from the first byte to the last. */
type AnyTimeEvent =
  | {
      readonly type: 'disconnect.received';
      readonly reason: DisconnectReason | 'unrecognised';
      /** The number on the wire, null when there was none. */
      readonly code: number | null;
    }
  | { readonly type: 'link.garbled'; readonly fault: WireFault; readonly detail: string }
  /** Our bytes are not taken: 20 s without drain, or more unsent than the limit. */
  | { readonly type: 'link.stalled'; readonly unsentBytes: number }
  | { readonly type: 'link.closed'; readonly how: CloseKind; readonly detail: string }
  /** A mistake of ours, already logged with its stack. */
  | { readonly type: 'link.faulted'; readonly message: string };

export type Disconnected = Extract<AnyTimeEvent, { type: 'disconnect.received' }>;
export type Garbled = Extract<AnyTimeEvent, { type: 'link.garbled' }>;
export type Closed = Extract<AnyTimeEvent, { type: 'link.closed' }>;

/** Reported while the connection is being set up. Keys are 64 bytes in hex, ids are node ids. */
export type SetupLinkEvent =
  | AnyTimeEvent
  | { readonly type: 'auth.sent' }
  | { readonly type: 'auth.received'; readonly publicKey: string; readonly id: string }
  | { readonly type: 'ack.sent' }
  | { readonly type: 'ack.received'; readonly publicKey: string; readonly id: string }
  | { readonly type: 'hello.received'; readonly hello: Hello }
  /** First message is neither Hello nor Disconnect. */
  | { readonly type: 'message.unexpected'; readonly code: number };

/** Reported while the connection is a peer. None of these can be caused at line rate. */
export type PeerLinkEvent =
  | AnyTimeEvent
  /** Once per ping of ours. */
  | { readonly type: 'pong.received' }
  | { readonly type: 'pong.overdue' }
  /** No whole message came for 30 s although we were reading. */
  | { readonly type: 'link.silent' }
  /** They ping faster than the bucket refills; reading has stopped. */
  | { readonly type: 'ping.flooded' }
  /** A second Hello; reading has stopped. */
  | { readonly type: 'hello.repeated' }
  /** A message id that belongs to nobody; reading has stopped. */
  | { readonly type: 'message.unroutable'; readonly code: number }
  /** A handler left its queue full for too long. */
  | { readonly type: 'handler.stalled'; readonly protocol: string };

/** One step each. A link does nothing that it was not told. */
export type LinkCommand =
  | { readonly type: 'send.auth' }
  | { readonly type: 'await.ack' }
  | { readonly type: 'await.auth' }
  | { readonly type: 'send.ack' }
  | { readonly type: 'send.hello' }
  | { readonly type: 'await.hello' }
  | { readonly type: 'start.routing' }
  | { readonly type: 'send.ping' }
  /** Sends it, closes our direction and reads on only to see them hang up. */
  | { readonly type: 'send.disconnect'; readonly reason: DisconnectReason }
  /** Closes our direction without a word. */
  | { readonly type: 'hang.up' };
