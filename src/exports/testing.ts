/**
 * `peerchart/testing`: a simulated network for real servers, protocols without a server, fakes for what the machines
 * invoke, and model checks of machines.
 */

export type { Datagram, DatagramSocket } from '../io/discovery/datagram-socket.ts';
export { FakeActor } from '../testing/machine/fake-actor.ts';
export {
  fakeAsker,
  fakeCallerLookup,
  fakeCandidates,
  fakeDialer,
  fakeGateway,
  fakeHandler,
  fakeHandshake,
  fakeLink,
  fakeNetwork,
  fakeNodeResolver,
  fakeNodeStore,
  fakeParts,
  fakeProber,
  fakeReader,
  fakeResolver,
  fakeSigner,
  fakeSocketServer,
  fakeStore,
  fakeVisitor,
} from '../testing/machine/fake-adapters.ts';
export {
  connectionSetupInput,
  type FakeRunLoop,
  fakeRunLoop,
  UNUSED_LINK,
} from '../testing/machine/setup-input.ts';
export { checkModel, type Invariant, type ModelCheck } from '../testing/model/check-model.ts';
export {
  type Edge,
  type Exploration,
  type ExploreOptions,
  explore,
  MAX_CONFIGURATIONS,
  type Node,
  pathTo,
  type Sample,
} from '../testing/model/explore.ts';
export {
  type Coverage,
  coverageTable,
  type Path,
  type PathStep,
  type Paths,
  type PathsOptions,
  pathsOf,
  type Reached,
} from '../testing/model/paths.ts';
export {
  type Driver,
  ReplayError,
  replayLive,
  replayOver,
  replayPure,
} from '../testing/model/replay.ts';
export { shortestFailing } from '../testing/model/shrink.ts';
export { expectMessage, UnexpectedMessage } from '../testing/protocol/expect-message.ts';
export { messagePipe, type PipeEnd, type PipeRules } from '../testing/protocol/message-pipe.ts';
export {
  type PairedPeer,
  type PairedPeersOptions,
  pairedPeers,
} from '../testing/protocol/paired-peers.ts';
export type { DisconnectForm } from '../testing/raw-peer/disconnect-forms.ts';
export { fastPrimitives } from '../testing/raw-peer/fast-crypto.ts';
export {
  MAX_UNREAD_BYTES,
  MAX_UNREAD_FRAMES,
  type PayloadEncoding,
  type RawPeer,
  type RawPeerOptions,
  rawPeer,
  type WaitLimit,
} from '../testing/raw-peer/raw-peer.ts';
export { RawPeerError, type RawPeerFault } from '../testing/raw-peer/raw-peer-error.ts';
export type { Observation } from '../testing/world/actor-watch.ts';
export type { ConnectionFaults } from '../testing/world/connection-faults.ts';
export type { Duration } from '../testing/world/duration.ts';
export { DEFAULT_LINK, type Host, Internet, type LinkSettings } from '../testing/world/internet.ts';
export {
  describeViolation,
  INVARIANTS,
  type InvariantNumber,
  type Violation,
} from '../testing/world/invariants.ts';
export {
  type ConnectionPlaces,
  type CutKind,
  MemoryConnection,
  type MemoryDirection,
} from '../testing/world/memory-connection.ts';
export { MemoryTcp, type TcpConnection, type TcpHooks } from '../testing/world/memory-tcp.ts';
export {
  MAX_DATAGRAM_BYTES,
  MemoryUdp,
  type UdpHooks,
} from '../testing/world/memory-udp.ts';
export { Nat, type NatShape } from '../testing/world/nat.ts';
export type { PathConditions } from '../testing/world/network-path.ts';
export { NodeClock } from '../testing/world/node-clock.ts';
export { SeededRandom } from '../testing/world/seeded-random.ts';
export { VirtualClock } from '../testing/world/virtual-clock.ts';
export { createWorld, World, type WorldOptions } from '../testing/world/world.ts';
export { WorldError } from '../testing/world/world-error.ts';
export type { WorldNode, WorldNodeOptions } from '../testing/world/world-node.ts';
