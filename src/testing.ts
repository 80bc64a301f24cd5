/** `peerchart/testing`: a simulated world to run real servers in, and the parts it is made of. */
export type { Observation } from './testing/actor-watch.ts';
export type { ConnectionPlague } from './testing/connection-plague.ts';
export type { Duration } from './testing/duration.ts';
export { fastPrimitives } from './testing/fast-crypto.ts';
export { DEFAULT_LINK, type Host, Internet, type LinkSettings } from './testing/internet.ts';
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
export { Nat, type NatShape } from './testing/nat.ts';
export { NodeClock } from './testing/node-clock.ts';
export type { RoadConditions } from './testing/road.ts';
export { SeededRandom } from './testing/seeded-random.ts';
export { VirtualClock } from './testing/virtual-clock.ts';
export { createWorld, World, WorldError, type WorldOptions } from './testing/world.ts';
export type { WorldNode, WorldNodeOptions } from './testing/world-node.ts';
