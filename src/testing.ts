/** `peerchart/testing`: a simulated world to run real servers in, protocols without a server, and paths through machines. */
export type { Observation } from './testing/actor-watch.ts';
export { checkModel, type Invariant, type ModelCheck } from './testing/check-model.ts';
export type { ConnectionPlague } from './testing/connection-plague.ts';
export type { DisconnectForm } from './testing/disconnect-forms.ts';
export type { Duration } from './testing/duration.ts';
export { expectMessage, UnexpectedMessage } from './testing/expect-message.ts';
export {
  type Edge,
  type Exploration,
  type ExploreOptions,
  explore,
  MAX_CONFIGURATIONS,
  type Node,
  type Sample,
  wayTo,
} from './testing/explore.ts';
export { fastPrimitives } from './testing/fast-crypto.ts';
export { DEFAULT_LINK, type Host, Internet, type LinkSettings } from './testing/internet.ts';
export {
  describeViolation,
  INVARIANTS,
  type InvariantNumber,
  type Violation,
} from './testing/invariants.ts';
export {
  type ConnectionPlaces,
  type CutKind,
  MemoryConnection,
  type MemoryDirection,
} from './testing/memory-connection.ts';
export { MemoryTcp, type TcpConnection, type TcpHooks } from './testing/memory-tcp.ts';
export {
  type Datagram,
  type DatagramSocket,
  MAX_DATAGRAM_BYTES,
  MemoryUdp,
  type UdpHooks,
} from './testing/memory-udp.ts';
export { messagePipe, type PipeEnd, type PipeRules } from './testing/message-pipe.ts';
export { Nat, type NatShape } from './testing/nat.ts';
export { NodeClock } from './testing/node-clock.ts';
export { type PairedPeer, pairedPeers } from './testing/paired-peers.ts';
export {
  type Coverage,
  coverageTable,
  type Path,
  type PathStep,
  type Paths,
  type PathsOptions,
  pathsOf,
  type Reached,
} from './testing/paths.ts';
export {
  MAX_UNTAKEN_BYTES,
  MAX_UNTAKEN_FRAMES,
  type Packing,
  type Patience,
  type RawPeer,
  type RawPeerOptions,
  rawPeer,
} from './testing/raw-peer.ts';
export { RawPeerError, type RawPeerFault } from './testing/raw-peer-error.ts';
export {
  type Driver,
  ReplayError,
  replayLive,
  replayOver,
  replayPure,
} from './testing/replay.ts';
export type { RoadConditions } from './testing/road.ts';
export { SeededRandom } from './testing/seeded-random.ts';
export { shortestFailing } from './testing/shrink.ts';
export { VirtualClock } from './testing/virtual-clock.ts';
export { createWorld, World, type WorldOptions } from './testing/world.ts';
export { WorldError } from './testing/world-error.ts';
export type { WorldNode, WorldNodeOptions } from './testing/world-node.ts';
