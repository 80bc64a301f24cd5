/** The public surface of `peerchart`. */
export type { FeedIterator } from './event-feed.ts';
export type { Endpoint } from './io/actors/byte-stream.ts';
export type { Clock } from './io/actors/clock.ts';
export { createNodeKey, generateNodeKey, type NodeKey } from './io/crypto/node-key.ts';
export type { Capability, Hello } from './io/wire/hello.ts';
export type { TurnAwayReason, TurnedAway } from './machines/listener.ts';
export { DEFAULTS, type Ports, type ServerOptions } from './options.ts';
export type { AskableReason, Peer, PeerEnding } from './peer.ts';
export type { Message, Port, Protocol } from './protocol.ts';
export { type EchoHooks, type EchoMessage, echo } from './protocols/echo.ts';
export { type Self, Server, ServerError, type ServerErrorCode } from './server.ts';
export type {
  EndedConnection,
  FailedDial,
  ServerEvent,
  ServerEvents,
} from './server-events.ts';
