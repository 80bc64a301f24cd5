/**
 * A fake for each actor that a machine of `peerchart/machines` invokes and leaves open, named after it: `fakeLink()`
 * for `link`. None has a socket, a timer or randomness.
 */
import type { EventObject, NonReducibleUnknown } from 'xstate';
import type {
  Caller,
  CallerLookupCommand,
  CallerLookupEvent,
} from '../../io/adapters/caller-lookup.ts';
import type { CandidateCommand, CandidateEvent } from '../../io/adapters/candidate-source.ts';
import type { CrawlCommand, CrawlReport } from '../../io/adapters/crawl-visitor.ts';
import type {
  AskerCommand,
  AskerEvent,
  DiscoveryNetworkCommand,
  DiscoveryNetworkEvent,
} from '../../io/adapters/discovery-network.ts';
import type { HandshakeCommand, HandshakeEvent } from '../../io/adapters/discv5-handshake.ts';
import type { EndpointProberEvent, ProofTarget } from '../../io/adapters/endpoint-prober.ts';
import type { GatewayCommand, GatewayEvent } from '../../io/adapters/gateway-commands.ts';
import type { ResolverEvent } from '../../io/adapters/host-resolver.ts';
import type {
  NodeCommand,
  NodeInterrupt,
  NodeReport,
  ServerEnded,
} from '../../io/adapters/node-parts.ts';
import type { NodeResolverEvent } from '../../io/adapters/node-resolver.ts';
import type { NodeStoreCommand, NodeStoreEvent } from '../../io/adapters/node-store-actor.ts';
import type {
  NodeTableStoreCommand,
  NodeTableStoreEvent,
} from '../../io/adapters/node-table-store.ts';
import type { HandlerEvent, ProtocolRun } from '../../io/adapters/protocol-handler.ts';
import type { SignerCommand, SignerEvent } from '../../io/adapters/record-signer.ts';
import type { DialerEvent } from '../../io/adapters/tcp-dialer.ts';
import type { SocketServerCommand, SocketServerEvent } from '../../io/adapters/tcp-listener.ts';
import type {
  TreeReaderCommand,
  TreeReaderEvent,
  TreeReaderInput,
} from '../../io/adapters/tree-reader-actor.ts';
import type { SessionTarget } from '../../io/discovery/discv5-sessions.ts';
import type { ByteStream } from '../../io/link/byte-stream.ts';
import type { Link } from '../../io/link/link.ts';
import type { LinkCommand, PeerLinkEvent, SetupLinkEvent } from '../../io/link/link-events.ts';
import type { Endpoint } from '../../io/wire/endpoint.ts';
import type { DialTarget } from '../../machines/dialing/dial-task.ts';
import { FakeActor } from './fake-actor.ts';

/**
 * `link` of `connectionSetupMachine` and `peerMachine`: one RLPx connection.
 *
 * @param onCommand Called with each command; the link breaks when it throws.
 */
export const fakeLink = (
  onCommand?: (command: LinkCommand) => void,
): FakeActor<LinkCommand, SetupLinkEvent | PeerLinkEvent, Link> => new FakeActor(onCommand);

/** `dialer` of `dialTaskMachine`: one attempt to connect. Its input is the address. */
export const fakeDialer = (): FakeActor<EventObject, DialerEvent, Endpoint> => new FakeActor();

/** `resolver` of `dialTaskMachine`: looks up one host name, its input. */
export const fakeResolver = (): FakeActor<EventObject, ResolverEvent, string> => new FakeActor();

/** `nodeResolver` of `dialTaskMachine`: looks for the present address of a node, its input. */
export const fakeNodeResolver = (): FakeActor<EventObject, NodeResolverEvent, DialTarget> =>
  new FakeActor();

/** `candidates` of `dialSchedulerMachine`: gives one node for each `pull`. */
export const fakeCandidates = (): FakeActor<
  CandidateCommand,
  CandidateEvent<DialTarget>,
  NonReducibleUnknown
> => new FakeActor();

/** `socketServer` of `listenerMachine`: a listening socket. Its input is the address. */
export const fakeSocketServer = (): FakeActor<SocketServerCommand, SocketServerEvent, Endpoint> =>
  new FakeActor();

/**
 * `callerLookup` of `listenerMachine`: answers each command at once.
 *
 * @param callerOf What is known of the caller; without it, each comes from the same address of the LAN, at time 0.
 */
export function fakeCallerLookup(
  callerOf: (stream: ByteStream) => Caller = () => LAN_CALLER,
): FakeActor<CallerLookupCommand, CallerLookupEvent, NonReducibleUnknown> {
  const lookup: ReturnType<typeof fakeCallerLookup> = new FakeActor(({ stream }) =>
    lookup.report({ type: 'caller.seen', stream, caller: callerOf(stream) }),
  );
  return lookup;
}

/** A caller that the listener never turns away for its address. */
export const LAN_CALLER: Caller = { at: 0, source: '10.0.0.9', isLan: true, isRestricted: false };

/** `asker` of `lookupMachine`: asks nodes for those near the target, whose id is its input. */
export const fakeAsker = (): FakeActor<AskerCommand, AskerEvent, string> => new FakeActor();

/** `prober` of `endpointProofMachine`: pings the node, its input, and waits for its ping. */
export const fakeProber = (): FakeActor<EventObject, EndpointProberEvent, ProofTarget> =>
  new FakeActor();

/** `handshake` of `discv5SessionMachine`: does the steps of one handshake, whose target is its input. */
export const fakeHandshake = (
  onCommand?: (command: HandshakeCommand) => void,
): FakeActor<HandshakeCommand, HandshakeEvent, SessionTarget> => new FakeActor(onCommand);

/** `reader` of `dnsTreeMachine`: reads the DNS node list whose URL is its input. */
export const fakeReader = (): FakeActor<TreeReaderCommand, TreeReaderEvent, TreeReaderInput> =>
  new FakeActor();

/** `network` of `tableMaintenanceMachine`: the UDP socket with the discovery protocol on it. */
export const fakeNetwork = (
  onCommand?: (command: DiscoveryNetworkCommand) => void,
): FakeActor<DiscoveryNetworkCommand, DiscoveryNetworkEvent, NonReducibleUnknown> =>
  new FakeActor(onCommand);

/** `store` of `tableMaintenanceMachine`: nodes of earlier starts. */
export const fakeStore = (
  onCommand?: (command: NodeTableStoreCommand) => void,
): FakeActor<NodeTableStoreCommand, NodeTableStoreEvent, NonReducibleUnknown> =>
  new FakeActor(onCommand);

/**
 * `signer` of `localNodeMachine`: prepares our key, and signs records.
 *
 * @param onCommand Called with each record to sign.
 */
export const fakeSigner = (
  onCommand?: (command: SignerCommand) => void,
): FakeActor<SignerCommand, SignerEvent, NonReducibleUnknown> => new FakeActor(onCommand);

/** `nodeStore` of `localNodeMachine`: the node store. */
export const fakeNodeStore = (): FakeActor<NodeStoreCommand, NodeStoreEvent, NonReducibleUnknown> =>
  new FakeActor();

/**
 * `gateway` of `portMapperMachine`: the device that joins our network to the internet.
 *
 * @param onCommand Called with each command.
 */
export const fakeGateway = (
  onCommand?: (command: GatewayCommand) => void,
): FakeActor<GatewayCommand, GatewayEvent, NonReducibleUnknown> => new FakeActor(onCommand);

/** `handler` of `protocolMachine`: the handler of one protocol. It never calls its input, the handler's function. */
export const fakeHandler = (): FakeActor<EventObject, HandlerEvent, ProtocolRun> => new FakeActor();

/**
 * `parts` of `nodeMachine`: does the steps of a start and of a stop.
 *
 * @param onCommand Called with each command.
 */
export const fakeParts = (
  onCommand?: (command: NodeCommand | NodeInterrupt) => void,
): FakeActor<NodeCommand | NodeInterrupt, NodeReport | ServerEnded, NonReducibleUnknown> =>
  new FakeActor(onCommand);

/**
 * `visitor` of `crawlMachine`: takes nodes from a queue, visits them and writes records.
 *
 * @param onCommand Called with each command.
 */
export const fakeVisitor = (
  onCommand?: (command: CrawlCommand) => void,
): FakeActor<CrawlCommand, CrawlReport, NonReducibleUnknown> => new FakeActor(onCommand);
