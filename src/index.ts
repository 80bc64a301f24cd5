/** The public surface of `peerchart`. */
export type { FeedIterator } from './event-feed.ts';
export { type Confidence, type Explanation, explain, type Outcome } from './explain.ts';
export type { Endpoint } from './io/actors/byte-stream.ts';
export type { Clock } from './io/actors/clock.ts';
export type { Link, LinkOptions, LinkReport, Transport } from './io/actors/link.ts';
export type { LinkCommand, PeerLinkEvent, SetupLinkEvent } from './io/actors/link-events.ts';
export type { NodeResolverEvent } from './io/actors/node-resolver.ts';
export {
  createNodeKey,
  exportSecret,
  generateNodeKey,
  type NodeKey,
} from './io/crypto/node-key.ts';
export type { Capability, Hello } from './io/wire/hello.ts';
export type {
  DialEnd,
  DialGenerator,
  DialGeneratorInput,
  DialMoment,
  DialPlan,
  DialWish,
} from './machines/dial-generator.ts';
export type { DialTarget } from './machines/dial-task.ts';
export type { TurnAwayReason, TurnedAway } from './machines/listener.ts';
export type { MetricsRegistry } from './metrics.ts';
export type { NodeInfo, PeerInfo, Self } from './node-info.ts';
export type { InspectOptions, Inspector, Recording, RecordOptions } from './onlookers.ts';
export { DEFAULTS, type Ports, type ServerOptions } from './options.ts';
export type { AskableReason, Peer, PeerEnding } from './peer.ts';
export type { Message, Port, Protocol } from './protocol.ts';
export { type EchoHooks, type EchoMessage, echo } from './protocols/echo.ts';
export { Server } from './server.ts';
export { ServerError, type ServerErrorCode } from './server-error.ts';
export type {
  DroppedPeer,
  Effort,
  EndedConnection,
  Explained,
  FailedDial,
  MessageEvent,
  ServerEvent,
  ServerEvents,
} from './server-events.ts';
