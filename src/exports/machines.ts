/** `peerchart/machines`: every chart and every table of reasons, for tools and model tests. Effects are left open. */
export { FAILURES, REFUSALS, REJECTIONS } from '../machines/connection/connection-endings.ts';
export { connectionSetupMachine } from '../machines/connection/connection-setup.ts';
export {
  CRAWL_OUTCOMES,
  type CrawlMachineInput,
  type CrawlOutput,
  crawlMachine,
} from '../machines/crawl/crawl.ts';
export { DIAL_FAILURES } from '../machines/dialing/dial-failures.ts';
export { dialGenerator } from '../machines/dialing/dial-generator.ts';
export { dialSchedulerMachine } from '../machines/dialing/dial-scheduler.ts';
export { dialTaskMachine } from '../machines/dialing/dial-task.ts';
export { bootnodeNameMachine } from '../machines/discovery/bootnode-name.ts';
export {
  type Discv5SessionInput,
  discv5SessionMachine,
  SESSION_ENDINGS,
} from '../machines/discovery/discv5-session.ts';
export { compareDistance, logDistance } from '../machines/discovery/distance.ts';
export { type DnsTreeInput, dnsTreeMachine } from '../machines/discovery/dns-tree.ts';
export { endpointProofMachine, PROOF_FAILURES } from '../machines/discovery/endpoint-proof.ts';
export {
  type IpVotes,
  isFullCone,
  NO_VOTES,
  predictedEndpoint,
  VOTE_RULES,
  type VoteRules,
  withContact,
  withStatement,
} from '../machines/discovery/ip-votes.ts';
export { type LocalNodeInput, localNodeMachine } from '../machines/discovery/local-node.ts';
export {
  LOOKUP_OUTCOMES,
  type LookupInput,
  type LookupOutput,
  lookupMachine,
} from '../machines/discovery/lookup.ts';
export {
  type PortMapperInput,
  type PortMapperReport,
  portMapperMachine,
} from '../machines/discovery/port-mapper.ts';
export {
  addFound,
  addInbound,
  closest,
  closestLive,
  emptyTable,
  entriesOf,
  type NodeTable,
  type TableBucket,
  type TableEntry,
  type TableNetworks,
  type TableRules,
} from '../machines/discovery/table.ts';
export {
  type LookupFindings,
  type TableMaintenanceInput,
  tableMaintenanceMachine,
} from '../machines/discovery/table-maintenance.ts';
export { ETH_FAILURES, ETH_REFUSALS, ETH_REJECTIONS } from '../machines/eth/eth-endings.ts';
export {
  type EthEnding,
  type EthSessionInput,
  ethSessionMachine,
} from '../machines/eth/eth-session.ts';
export { listenerMachine } from '../machines/listening/listener.ts';
export { nodeMachine } from '../machines/node/node.ts';
export { peerMachine } from '../machines/peer/peer.ts';
export { PEER_FAILURES, PEER_REFUSALS, PEER_REJECTIONS } from '../machines/peer/peer-endings.ts';
export { protocolMachine } from '../machines/peer/protocol.ts';
export { serverMachine } from '../machines/server/server.ts';
export { phaseOf, type ServerPhase } from '../machines/server/server-phase.ts';
