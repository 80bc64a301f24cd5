/** The public surface of `peerchart`. */

export type { Admin, RunningServer } from '../admin/admin-api.ts';
export type { AdminOptions, AdminWebOptions } from '../admin/admin-options.ts';
export { serveAdmin } from '../admin/serve-admin.ts';
export type { DiscoveryTable, DiscoveryTableV5, LookupOptions } from '../api/discovery-table.ts';
export type {
  ConnectionStats,
  DroppedPeer,
  EndedConnection,
  FailedDial,
} from '../api/endings.ts';
export type { FeedIterator } from '../api/event-feed.ts';
export type { Confidence, Explanation } from '../api/explanation.ts';
export type { ConnectionStateChange, LiveConnection } from '../api/live-connection.ts';
export { NodeError, type NodeErrorKind } from '../api/node-error.ts';
export { DEFAULTS, type MetricsRegistry, type Ports, type ServerOptions } from '../api/options.ts';
export type { AskableReason, Peer, PeerEnding } from '../api/peer.ts';
export type { Message, Port, Protocol } from '../api/protocol.ts';
export type { ActorOptions, ProtocolLogger, ProtocolTools } from '../api/protocol-tools.ts';
export { ServerError, type ServerErrorCode } from '../api/server-error.ts';
export type {
  Explained,
  MessageEvent,
  ServerEvent,
  ServerEvents,
} from '../api/server-events.ts';
export { TalkError, type TalkErrorCode } from '../api/talk-error.ts';
export type { CrawlNetwork, Visit } from '../crawl/crawl-network.ts';
export type { CrawlQueue, CrawlTask, NodeText, OfferResult } from '../crawl/crawl-queue.ts';
export type {
  AddressFamily,
  CrawlResults,
  VisitOutcome,
  VisitRecord,
  VisitStage,
} from '../crawl/visit-record.ts';
export { explain, type Outcome } from '../explain/explain.ts';
export type { ResolverEvent } from '../io/adapters/host-resolver.ts';
export type { NodeResolverEvent } from '../io/adapters/node-resolver.ts';
export { type Node as ParsedNode, type NodeLike, parseNode } from '../io/crypto/node.ts';
export {
  createNodeKey,
  exportSecret,
  generateNodeKey,
  type NodeKey,
} from '../io/crypto/node-key.ts';
export type { PrimitiveSetName, PrimitivesInUse } from '../io/crypto/primitive-sets.ts';
export type { TalkHandler, TalkRequest } from '../io/discovery/talk-handlers.ts';
export type { Link, LinkOptions, LinkReport, Transport } from '../io/link/link.ts';
export type { LinkCommand, PeerLinkEvent, SetupLinkEvent } from '../io/link/link-events.ts';
export type { Clock } from '../io/process/clock.ts';
export type { Endpoint } from '../io/wire/endpoint.ts';
export type { Chain, ForkId, Head } from '../io/wire/fork-id.ts';
export { headAtTime } from '../io/wire/fork-id.ts';
export type { Capability, Hello } from '../io/wire/hello.ts';
export type {
  DialEnd,
  DialGenerator,
  DialGeneratorInput,
  DialPlan,
  DialRequest,
  DialSituation,
} from '../machines/dialing/dial-generator.ts';
export type { DialTarget, TriedAddress } from '../machines/dialing/dial-task.ts';
export type { TurnAwayReason, TurnedAway } from '../machines/listening/listener.ts';
export type {
  ApiFactory,
  NodeOptions,
  NodeServerOptions,
  RunningNode,
  Service,
  ServiceContext,
  ServiceFactory,
  ServiceLookup,
} from '../node/node-options.ts';
export { Node } from '../node.ts';
export { type EchoHooks, type EchoMessage, echo } from '../protocols/echo.ts';
export { type EthOptions, eth } from '../protocols/eth.ts';
export type {
  AnnouncedBlock,
  AnnouncedTransaction,
  EthEvents,
  EthObserver,
  EthPeer,
  PeerBlockRange,
  ReceivedTransaction,
} from '../protocols/eth-observer.ts';
export { type ForkFilterOptions, forkFilter } from '../protocols/fork-filter.ts';
export type { FeedOptions } from '../protocols/item-feed.ts';
export { NETWORKS, type Network, type NetworkName, networkOf } from '../protocols/networks.ts';
export type { OpenAttachment } from '../server/attachments.ts';
export type { NodeInfo, PeerInfo, Self } from '../server/node-info.ts';
export {
  KeyFileError,
  type KeyFileFlaw,
  type LoadOptions,
  loadNodeKey,
  openNodeKey,
  saveNodeKey,
} from '../server/node-key-file.ts';
export type { Observation, ObservedServer } from '../server/observation.ts';
export { Server } from '../server.ts';
