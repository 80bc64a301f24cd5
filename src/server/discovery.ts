/**
 * Finding nodes for one server: its socket, and the lookups and endpoint proofs, each a root actor. What is looked for,
 * checked and kept is decided by the machine `table-maintenance`, which the server machine invokes.
 */
import type { Inspection } from '../actors/inspection.ts';
import { type AskNode, discv4Asker } from '../io/adapters/discv4-asker.ts';
import { checkNode, discv4Network, type OpenDiscv4 } from '../io/adapters/discv4-network.ts';
import { discv4Resolver, resolveNode } from '../io/adapters/discv4-resolver.ts';
import { endpointProber } from '../io/adapters/endpoint-prober.ts';
import { tableStore } from '../io/adapters/table-store.ts';
import { type Node, nodeAt } from '../io/crypto/node.ts';
import type { NodeRecord } from '../io/crypto/node-record.ts';
import { parseRawPublicKey, publicKeyHex } from '../io/crypto/public-key.ts';
import { Discv4 } from '../io/discovery/discv4.ts';
import type { Discv4Hooks } from '../io/discovery/discv4-options.ts';
import { MAX_PROVEN } from '../io/discovery/endpoint-proofs.ts';
import { RandomWalk } from '../io/discovery/random-walk.ts';
import { mayRelay } from '../io/discovery/relay-rules.ts';
import { BoundedMap } from '../io/process/bounded-map.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { hexOf } from '../io/wire/hex.ts';
import { tableNetworksOf } from '../io/wire/ip-address.ts';
import type { DialTarget } from '../machines/dialing/dial-task.ts';
import { bootnodeNameMachine } from '../machines/discovery/bootnode-name.ts';
import { endpointProofMachine } from '../machines/discovery/endpoint-proof.ts';
import { type LookupOutput, lookupMachine } from '../machines/discovery/lookup.ts';
import { BUCKET_SIZE, closest, closestLive, type NodeTable } from '../machines/discovery/table.ts';
import { tableMaintenanceMachine } from '../machines/discovery/table-maintenance.ts';
import type { LookupFinding, ServerMachineEvent } from '../machines/server/server-events.ts';
import { ActorRoster } from './actor-roster.ts';
import type { ServerConfig } from './config.ts';

/** Lookups at once; others end without a result. Ours: each asks three nodes at a time. */
const MAX_LOOKUPS = 16;

/** Addresses that a walk gave and that may be dialled. Ours: more than a lookup can find. */
const MAX_FOUND_HOSTS = 4_096;

/** Bytes of a public key as discovery writes it. */
const KEY_BYTES = 64;

export type DiscoveryHooks = {
  /** Null while discovery is not running. */
  readonly table: () => NodeTable | null;
  /** Where the listener is bound; null without one. */
  readonly listenAddress: () => Endpoint | null;
  /** Our record now; null when our key does not sign. */
  readonly record: () => NodeRecord | null;
  readonly onClockDrift: NonNullable<Discv4Hooks['onClockDrift']>;
  readonly sendToRunLoop: (event: LookupFinding | EndpointStated) => void;
  readonly onFault: (error: unknown, where: string) => void;
  readonly inspection: Inspection;
};

export type LookupHooks = {
  readonly onFound?: (node: Node) => void;
  /** Called once, perhaps at once. */
  readonly onEnd: (output: LookupOutput) => void;
};

type EndpointStated = Extract<ServerMachineEvent, { type: 'endpoint.stated' }>;
type ProofEnd = (isProven: boolean) => void;

/** Of a lookup that did not run, or was destroyed. */
const NOTHING: LookupOutput = {
  outcome: 'cancelled',
  nodes: [],
  found: [],
  answered: [],
  failed: [],
};

export class Discovery {
  readonly #config: ServerConfig;
  readonly #hooks: DiscoveryHooks;
  readonly #lookups: ActorRoster<typeof lookupMachine>;
  readonly #proofs;
  readonly #names: ActorRoster<typeof bootnodeNameMachine>;
  /** Who waits for a proof, by node and address. */
  readonly #proofWaiters = new Map<string, Set<ProofEnd>>();
  /** Public keys of targets, by node id: a request has the key, and distances are those of ids. */
  readonly #targets = new BoundedMap<string, string>(2 * MAX_LOOKUPS);
  /** Addresses that a walk gave. At most `MAX_FOUND_HOSTS`. */
  readonly #found = new BoundedMap<string, true>(MAX_FOUND_HOSTS);
  /** Null while the socket is not bound. */
  #discv4: Discv4 | null = null;
  #lookupCount = 0;
  /** What the server machine invokes. */
  readonly machine;

  constructor(config: ServerConfig, hooks: DiscoveryHooks) {
    this.#config = config;
    this.#hooks = hooks;
    const { clock } = config.ports;
    const { inspection, onFault } = hooks;
    this.machine = tableMaintenanceMachine.provide({
      actors: {
        network: discv4Network((reports) => this.#open(reports)),
        store: tableStore(config.nodeStore),
      },
    });
    this.#lookups = new ActorRoster({
      logic: lookupMachine.provide({ actors: { asker: discv4Asker(this.#ask) } }),
      ...{ name: 'lookup', clock, inspection, onFault },
    });
    this.#names = new ActorRoster({
      logic: bootnodeNameMachine.provide({ actors: { resolver: config.ports.resolver } }),
      ...{ name: 'bootnode-name', clock, inspection, onFault },
    });
    this.#proofs = new ActorRoster({
      logic: endpointProofMachine.provide({
        actors: {
          prober: endpointProber({
            ping: (node, done) => this.#use((discv4) => discv4.ping(node, done)),
            onPingOf: (node, onPing) => this.#discv4?.onPingOf(node, onPing) ?? null,
          }),
        },
      }),
      ...{ name: 'endpoint-proof', clock, inspection, onFault },
    });
  }

  /** Where datagrams arrive; null while the socket is not bound. */
  get address(): Endpoint | null {
    return this.#discv4?.local ?? null;
  }

  /** Null while the socket is not bound. */
  get stats() {
    return this.#discv4?.stats() ?? null;
  }

  /**
   * Looks for the nodes closest to a target, and tells the table what it found.
   *
   * @param target Public key, 128 hex digits; null for a random one.
   * @returns Cancels: it ends as cancelled.
   */
  lookUp(target: string | null, { onFound, onEnd }: LookupHooks): () => void {
    return this.#runLookup(target, {
      ...(onFound && { onFound }),
      onEnd: (output) => {
        const { found: nodes, answered, failed } = output;
        this.#tell({ type: 'nodes.found', nodes, answered, failed });
        onEnd(output);
      },
    });
  }

  /** The lookup that the machine wants. */
  startLookup({ lookupId, target }: { readonly lookupId: number; readonly target: string | null }) {
    this.#runLookup(target, {
      onEnd: ({ found: nodes, answered, failed }) =>
        this.#tell({ type: 'lookup.ended', lookupId, nodes, answered, failed }),
    });
  }

  /** Where the node is now, as it says itself; null when it is not found. @returns Cancels. */
  resolve(node: Node, done: (node: Node | null) => void): () => void {
    return resolveNode(
      {
        check: (candidate, onChecked) =>
          this.#discv4 ? checkNode(this.#discv4, candidate, onChecked) : this.#unasked(onChecked),
        lookUp: ({ publicKey }, { onFound, onEnd }) =>
          this.lookUp(publicKeyHex(publicKey), { onFound, onEnd }),
      },
      node,
      done,
    );
  }

  /** The port `nodeResolver` of dials. */
  resolver() {
    return discv4Resolver<DialTarget>((target, done) => {
      if (target.publicKey === '') return this.#unasked(done); // a lookup needs the key
      return this.resolve(nodeOf(target), done);
    });
  }

  /** Random nodes of the network, as long as they are wanted. Of each it remembers that it was given. */
  walk(): AsyncIterable<Node> {
    const { clock } = this.#config.ports;
    return new RandomWalk({
      clock,
      lookUp: (onNode, onEnd) =>
        this.lookUp(null, {
          onFound: (node) => {
            this.#found.set(node.host, true);
            onNode(node);
          },
          onEnd: () => onEnd(),
        }),
      onNothingFound: () => this.#tell({ type: 'refresh.wanted' }),
    });
  }

  /** Whether a walk gave a node at this address. The rules for what nodes may say of others were applied to it. */
  hasFound(host: string): boolean {
    return this.#found.has(host);
  }

  /** Ends every lookup, proof and search for a bootnode. */
  abort(): void {
    this.#names.sendToAll({ type: 'stop' });
    this.#lookups.sendToAll({ type: 'stop' });
    this.#proofs.sendToAll({ type: 'stop' });
  }

  /** Ends them at once, and closes the socket if it is still open. */
  destroy(): void {
    this.#names.destroy();
    this.#lookups.destroy();
    this.#proofs.destroy();
    this.#discv4?.close();
    this.#discv4 = null;
  }

  /** Nothing is told to a server that has stopped. */
  #tell(finding: LookupFinding): void {
    if (this.#hooks.table()) this.#hooks.sendToRunLoop(finding);
  }

  async #open(reports: Parameters<OpenDiscv4>[0]): Promise<Discv4> {
    const { key, ports, netRestrict, discoveryListen, nodeStore: store } = this.#config;
    const { table, listenAddress, onClockDrift, onFault } = this.#hooks;
    const record = () => this.#record();
    const { clock, unixTimeMs, primitives, datagrams } = ports;
    const { host, port } = discoveryListen;
    const address = { host, port: port || (listenAddress()?.port ?? 0) };
    const proofs = await store.proofs(MAX_PROVEN);
    record(); // without one, there is no discovery; before the wait the local node may be busy with its report
    const discv4 = await Discv4.bind(address, datagrams, reports, {
      ...{ key, primitives, clock, unixTimeMs, record, proofs, isAllowed: netRestrict },
      closest: (targetId) => {
        const nodes = table();
        return nodes ? closestLive(nodes, targetId, BUCKET_SIZE) : [];
      },
      hooks: {
        onClockDrift,
        onStatement: (statement) => this.#onStatement(statement),
        onProven: ({ node }) => reports.onProven(node),
        onPonged: ({ id, host: at, atMs }) => store.ponged(id, at, atMs),
        onPinged: ({ id, host: at, atMs }) => store.pinged(id, at, atMs),
        onFindEnded: ({ id, host: at, isAnswered }) => {
          if (isAnswered) store.findOk(id, at);
          else store.findFailed(id, at);
        },
        onFault: (error) => onFault(error, 'discv4'),
      },
    });
    if (!table()) return discv4; // the server stopped meanwhile, and the adapter closes it
    this.#discv4 = discv4;
    for (const node of this.#config.bootnodes) if (node.hostKind === 'name') this.#findName(node);
    return discv4;
  }

  #record(): NodeRecord {
    const record = this.#hooks.record();
    if (!record) throw new Error('our key signs no node record');
    return record;
  }

  /** What a node that we pinged sees as our endpoint. */
  #onStatement({ host, endpoint }: { readonly host: string; readonly endpoint: Endpoint }): void {
    if (!mayRelay(endpoint.host, host)) return; // left out by some clients, or of no use to others
    this.#hooks.sendToRunLoop({
      type: 'endpoint.stated',
      family: endpoint.host.includes(':') ? 'ipv6' : 'ipv4',
      voter: tableNetworksOf(host)?.bucket ?? host,
      endpoint,
      at: this.#config.ports.clock.now(),
    });
  }

  #findName(node: Node): void {
    const { id, host, udpPort, tcpPort, publicKey } = node;
    this.#names.start({
      key: `${id} ${host}`,
      label: id.slice(0, 8),
      input: { host },
      otherwise: { address: null },
      onEnd: ({ address }) => {
        if (address === null) return;
        const found = nodeAt({ id, publicKey, host: address, udpPort, tcpPort });
        this.#tell({ type: 'bootnodes.found', nodes: [found] });
      },
    });
  }

  #runLookup(target: string | null, { onFound, onEnd }: LookupHooks): () => void {
    const table = this.#hooks.table();
    if (!table || this.#lookups.actors.length >= MAX_LOOKUPS) {
      onEnd(NOTHING);
      return () => {};
    }
    const { random, primitives } = this.#config.ports;
    const publicKey = target ? Buffer.from(target, 'hex') : random(KEY_BYTES);
    const targetId = hexOf(primitives.keccak256(publicKey));
    this.#targets.set(targetId, hexOf(publicKey));
    this.#lookupCount += 1;
    const key = `${this.#lookupCount}`;
    this.#lookups.start({
      key,
      input: {
        targetId,
        selfId: this.#config.key.id,
        seeds: closest(table, targetId, BUCKET_SIZE),
      },
      onEmitted: ({ node }) => onFound?.(node),
      otherwise: NOTHING,
      onEnd,
    });
    return () => this.#lookups.get(key)?.send({ type: 'stop' });
  }

  /** A node answers only when it has our endpoint proof. */
  readonly #ask: AskNode = (node, targetId, done) => {
    let cancelFind = (): void => {};
    const cancelProof = this.#ensureProof(node, (isProven) => {
      const discv4 = this.#discv4;
      const target = this.#targets.get(targetId);
      if (!isProven || !discv4 || target === undefined) return done(null);
      cancelFind = discv4.findNode(node, target, (result) =>
        done(result.type === 'neighbors' ? result.nodes : null),
      );
    });
    return () => {
      cancelProof();
      cancelFind();
    };
  };

  /** One proof at a time for each node and address. @returns Stops waiting for it. */
  #ensureProof(node: Node, onEnd: ProofEnd): () => void {
    if (!this.#discv4) return this.#unasked(() => onEnd(false));
    if (!this.#discv4.needsProof(node)) {
      onEnd(true);
      return () => {};
    }
    const key = `${node.id} ${node.host} ${node.udpPort}`;
    const known = this.#proofWaiters.get(key);
    const waiters = known ?? new Set<ProofEnd>();
    const waiter: ProofEnd = (isProven) => onEnd(isProven);
    waiters.add(waiter);
    if (!known) this.#startProof(key, node, waiters);
    return () => {
      waiters.delete(waiter);
      if (waiters.size === 0) this.#proofs.get(key)?.send({ type: 'stop' });
    };
  }

  #startProof(key: string, node: Node, waiters: Set<ProofEnd>): void {
    this.#proofWaiters.set(key, waiters);
    this.#proofs.start({
      key,
      label: node.id.slice(0, 8),
      input: { target: { id: node.id, host: node.host, udpPort: node.udpPort } },
      otherwise: { outcome: 'cancelled' },
      onEnd: ({ outcome }) => {
        this.#proofWaiters.delete(key);
        for (const waiter of [...waiters]) waiter(outcome === 'proven');
      },
    });
  }

  #use(ask: (discv4: Discv4) => () => void): () => void {
    return this.#discv4 ? ask(this.#discv4) : () => {};
  }

  #unasked(done: (node: null) => void): () => void {
    done(null);
    return () => {};
  }
}

/** A target has no port for datagrams: most nodes use one number for both. */
const nodeOf = ({ id, publicKey, host, hostKind, tcpPort }: DialTarget): Node => ({
  ...{ id, host, hostKind, tcpPort, udpPort: tcpPort, record: null, text: '' },
  publicKey: parseRawPublicKey(Buffer.from(publicKey, 'hex')),
});
