/** Node Discovery v4 of one server: its socket, and the endpoint proofs that it needs, each a root actor. */
import { endpointProber } from '../io/adapters/endpoint-prober.ts';
import { checkNode, type OpenedDiscovery, type OpenHooks } from '../io/adapters/udp-network.ts';
import type { Node } from '../io/crypto/node.ts';
import type { BindDatagrams } from '../io/discovery/datagram-socket.ts';
import { Discv4, type Discv4Stats } from '../io/discovery/discv4.ts';
import type { Discv4Options } from '../io/discovery/discv4-options.ts';
import { MAX_PROVEN } from '../io/discovery/endpoint-proofs.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { endpointProofMachine } from '../machines/discovery/endpoint-proof.ts';
import { BUCKET_SIZE, closestLive } from '../machines/discovery/table.ts';
import { ActorRoster } from './actor-roster.ts';
import type { ServerConfig } from './config.ts';
import {
  type DiscoveryHooks,
  type DiscoveryVersion,
  type LookupTarget,
  listenPlace,
  recordFor,
  reportStatement,
  requireSigningKey,
  unasked,
} from './discovery-version.ts';

type ProofEnd = (isProven: boolean) => void;

export class DiscoveryV4 implements DiscoveryVersion {
  readonly name = 'v4';
  readonly #config: ServerConfig;
  readonly #hooks: DiscoveryHooks;
  readonly #bind: BindDatagrams;
  readonly #onForeign: Discv4Options['onForeign'];
  readonly #proofs;
  /** Who waits for a proof, by node and address. */
  readonly #waiters = new Map<string, Set<ProofEnd>>();
  /** Null while the socket is not bound. */
  #discv4: Discv4 | null = null;

  /** @param bind Binds the socket, which is shared with v5 if there is that. */
  constructor(
    config: ServerConfig,
    { bind, onForeign }: { readonly bind: BindDatagrams } & Pick<Discv4Options, 'onForeign'>,
    hooks: DiscoveryHooks,
  ) {
    this.#config = config;
    this.#bind = bind;
    this.#onForeign = onForeign;
    this.#hooks = hooks;
    const { inspection, onFault } = hooks;
    this.#proofs = new ActorRoster({
      logic: endpointProofMachine.provide({
        actors: {
          prober: endpointProber({
            ping: (node, done) => this.#discv4?.ping(node, done) ?? (() => {}),
            onPingOf: (node, onPing) => this.#discv4?.onPingOf(node, onPing) ?? null,
          }),
        },
      }),
      ...{ name: 'endpoint-proof', clock: config.ports.clock, inspection, onFault },
    });
  }

  get bootnodes(): readonly Node[] {
    return this.#config.bootnodes;
  }

  get address(): Endpoint | null {
    return this.#discv4?.local ?? null;
  }

  /** Null while the socket is not bound. */
  get stats(): Discv4Stats | null {
    return this.#discv4?.stats() ?? null;
  }

  readonly open = async (reports: OpenHooks): Promise<OpenedDiscovery> => {
    const { key, ports, netRestrict, discoveryListen, nodeStore: store } = this.#config;
    const { table, onClockDrift, onFault } = this.#hooks;
    const record = () => recordFor(this.#hooks);
    const { clock, unixTimeMs, primitives } = ports;
    const address = listenPlace(discoveryListen, this.#hooks);
    const proofs = await store.proofs(MAX_PROVEN);
    requireSigningKey(key, primitives);
    const discv4 = await Discv4.bind(address, this.#bind, reports, {
      ...{ key, primitives, clock, unixTimeMs, record, proofs, isAllowed: netRestrict },
      ...(this.#onForeign && { onForeign: this.#onForeign }),
      closest: (targetId) => {
        const nodes = table();
        return nodes ? closestLive(nodes, targetId, BUCKET_SIZE) : [];
      },
      hooks: {
        onClockDrift,
        onStatement: (statement) => reportStatement(statement, clock, this.#hooks),
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
    return {
      local: discv4.local,
      ping: (node, done) => discv4.ping(node, done),
      requestRecord: (node, done) => discv4.requestRecord(node, done),
      close: () => {
        discv4.close();
        if (this.#discv4 === discv4) this.#discv4 = null;
      },
    };
  };

  /** A node answers only when it has our endpoint proof. */
  ask(
    node: Node,
    { publicKey }: LookupTarget,
    done: (nodes: readonly Node[] | null) => void,
  ): () => void {
    let cancelFind = (): void => {};
    const cancelProof = this.#ensureProof(node, (isProven) => {
      const discv4 = this.#discv4;
      if (!isProven || !discv4) return done(null);
      cancelFind = discv4.findNode(node, publicKey, (result) =>
        done(result.type === 'neighbors' ? result.nodes : null),
      );
    });
    return () => {
      cancelProof();
      cancelFind();
    };
  }

  check(node: Node, done: (node: Node | null) => void): () => void {
    return this.#discv4 ? checkNode(this.#discv4, node, done) : unasked(done);
  }

  abort(): void {
    this.#proofs.sendToAll({ type: 'stop' });
  }

  destroy(): void {
    this.#proofs.destroy();
    this.#discv4?.close();
    this.#discv4 = null;
  }

  /** One proof at a time for each node and address. @returns Stops waiting for it. */
  #ensureProof(node: Node, onEnd: ProofEnd): () => void {
    if (!this.#discv4) return unasked(() => onEnd(false));
    if (!this.#discv4.needsProof(node)) {
      onEnd(true);
      return () => {};
    }
    const key = `${node.id} ${node.host} ${node.udpPort}`;
    const known = this.#waiters.get(key);
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
    this.#waiters.set(key, waiters);
    this.#proofs.start({
      key,
      label: node.id.slice(0, 8),
      input: { target: { id: node.id, host: node.host, udpPort: node.udpPort } },
      otherwise: { outcome: 'cancelled' },
      onEnd: ({ outcome }) => {
        this.#waiters.delete(key);
        for (const waiter of [...waiters]) waiter(outcome === 'proven');
      },
    });
  }
}
