/**
 * The real network of a crawl: one server that dials each node once, and discovery that finds them. It dials nothing but the
 * nodes that are visited, and accepts no connections.
 */
import { Inspection } from '../actors/inspection.ts';
import type { DiscoveryTable } from '../api/discovery-table.ts';
import type { EndedConnection } from '../api/endings.ts';
import type { ConnectionStateChange } from '../api/live-connection.ts';
import type { ServerOptions } from '../api/options.ts';
import type { Peer } from '../api/peer.ts';
import type { ServerEvents } from '../api/server-events.ts';
import { formatEnode } from '../io/crypto/enode.ts';
import { type Node, parseNode } from '../io/crypto/node.ts';
import { generateNodeKey } from '../io/crypto/node-key.ts';
import { publicKeyHex } from '../io/crypto/public-key.ts';
import { FairMix } from '../io/discovery/fair-mix.ts';
import type { Clock } from '../io/process/clock.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { formatRecord } from '../io/wire/enr.ts';
import { forkIdIn } from '../io/wire/fork-id.ts';
import { isCandidateHost } from '../io/wire/ip-address.ts';
import { printable } from '../io/wire/printable.ts';
import { checkOptions } from '../server/config.ts';
import { DnsTrees } from '../server/dns-trees.ts';
import { Server } from '../server.ts';
import type { CrawlNetwork, Visit } from './crawl-network.ts';
import type { NodeText } from './crawl-queue.ts';
import { ACCEPTED, endOf, endOfDial } from './visit-end.ts';
import { visitsOnly } from './visits-only.ts';

/** Time after Hello, or their Status, in which a node may still refuse us, in ms. Ours: it checks at once. */
const SETTLE_MS = 500;

/** Pause after a lookup that found nothing, in ms: the table is still empty. Ours. */
const LOOKUP_PAUSE_MS = 1_000;

/** Lookups of one version of discovery at once. Ours: a server runs 16 at most. */
const LOOKUPS_AT_ONCE = 4;

/** Capabilities that a record lists, and characters of a client name. Ours. */
const MAX_CAPABILITIES = 32;
const MAX_CLIENT_CHARS = 128;

/** What a subprotocol finds out about a node after Hello. */
export type StatusVerdict = {
  readonly end: Pick<Visit, 'outcome' | 'stage' | 'reason' | 'wireCode'>;
  readonly status: StatusFacts;
};

export type StatusFacts = Pick<Visit, 'ethVersion' | 'networkId' | 'genesis' | 'forkId'>;

/** An observer of a subprotocol: a visit goes on until it has decided about the peer. */
export type StatusSource = {
  /** Calls `listener` with our verdict on the Status of each peer, by node id. @returns A function that removes it. */
  onVerdict(listener: (id: string, verdict: StatusVerdict) => void): () => void;
};

export type ServerNetworkOptions = Omit<
  ServerOptions,
  | 'nodeKey'
  | 'listen'
  | 'maxPeers'
  | 'maxPendingPeers'
  | 'staticExempt'
  | 'staticNodes'
  | 'candidates'
> & {
  readonly nodeKey?: ServerOptions['nodeKey'];
  /** Most visits at once. */
  readonly parallel: number;
  /** Without one, a visit is complete soon after Hello. */
  readonly status?: StatusSource;
};

/** One visit under way. Times are those of the clock. */
type Visiting = {
  readonly node: Node;
  readonly beganAt: number;
  connectionId: string | null;
  connectedAt: number | null;
  peer: Peer | null;
  helloAt: number | null;
  statusAt: number | null;
  /** What their Status says; empty until it came. */
  status: StatusFacts;
  /** Completes it; later calls do nothing. */
  readonly end: (visit: Partial<Visit> & Pick<Visit, 'outcome' | 'stage' | 'reason'>) => void;
};

export class ServerNetwork implements CrawlNetwork {
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #unixTimeMs: () => number;
  readonly #status: StatusSource | null;
  readonly #dnsTrees: DnsTrees | null;
  /** By node id; as many as the crawl visits at once. */
  readonly #visiting = new Map<string, Visiting>();
  readonly #settling = new Map<Visiting, unknown>();
  readonly #stopListening: readonly (() => void)[];

  private constructor({ parallel, status, ...given }: ServerNetworkOptions) {
    const { ports, dnsTrees, ...others } = given;
    const options: ServerOptions = {
      nodeKey: generateNodeKey(),
      ...others,
      listen: null,
      maxPeers: parallel,
      maxPendingPeers: parallel,
      staticExempt: true,
      ports: { ...ports, dialGenerator: visitsOnly },
    };
    const config = checkOptions({ ...options, ...(dnsTrees && { dnsTrees }) });
    this.#server = new Server(options);
    this.#clock = config.ports.clock;
    this.#unixTimeMs = config.ports.unixTimeMs;
    this.#status = status ?? null;
    const onFault = (error: unknown, where: string): void =>
      config.logger.error({ error, where }, 'internal error');
    this.#dnsTrees =
      config.dnsTrees.length === 0
        ? null
        : new DnsTrees(config, {
            onRootFailed: (url, why) =>
              config.logger.warn({ url, why }, 'a DNS node list cannot be read'),
            inspection: new Inspection((error) => onFault(error, 'the inspector')),
            onFault,
          });
    const server = this.#server;
    this.#stopListening = [
      server.onConnectionState((change) => this.#onState(change)),
      server.on('add', ({ peer }) => this.#onAdd(peer)),
      server.on('ended', (ended) => this.#onEnded(ended)),
      server.on('dialFailed', (failed) => this.#onDialFailed(failed)),
      server.on('drop', (dropped) => this.#onDrop(dropped)),
      ...(status ? [status.onVerdict((id, verdict) => this.#onVerdict(id, verdict))] : []),
    ];
  }

  /** @throws {TypeError} Names each wrong option. @throws {ServerError} The server did not start. */
  static async open(options: ServerNetworkOptions): Promise<ServerNetwork> {
    const network = new ServerNetwork(options);
    await network.#server.start();
    return network;
  }

  async *found(signal: AbortSignal): AsyncGenerator<NodeText> {
    const tables = [this.#server.discovery, this.#server.discoveryV5].filter(
      (table) => table !== null,
    );
    if (tables.length === 0 && !this.#dnsTrees) return;
    const mix = new FairMix<Node>({ clock: this.#clock, waitMs: 100 });
    for (const [version, table] of tables.entries())
      for (let lookup = 0; lookup < LOOKUPS_AT_ONCE; lookup += 1)
        mix.add(`lookup ${version}.${lookup}`, this.#lookups(table, signal));
    if (this.#dnsTrees) mix.add('dns', publicNodes(this.#dnsTrees.walk()));
    const close = (): void => void mix.return();
    signal.addEventListener('abort', close);
    if (signal.aborted) close();
    try {
      for await (const { id, text } of mix) yield { id, text };
    } finally {
      signal.removeEventListener('abort', close);
      close();
      this.#dnsTrees?.close();
    }
  }

  visit({ id, text }: NodeText, signal: AbortSignal): Promise<Visit> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (this.#visiting.has(id)) throw new Error(`${id} is being visited already`);
      const node = nodeOf(text);
      if (!node) return resolve(this.#unreadable(id, text));
      let isOver = false;
      const finish = (after: () => void): void => {
        if (isOver) return;
        isOver = true;
        signal.removeEventListener('abort', abort);
        this.#clock.clearTimeout(this.#settling.get(visiting));
        this.#settling.delete(visiting);
        void this.#leave(node).then(() => {
          this.#visiting.delete(id);
          after();
        });
      };
      const abort = (): void => finish(() => reject(signal.reason));
      const visiting: Visiting = {
        node,
        ...{ beganAt: this.#clock.now(), connectionId: null, connectedAt: null },
        ...{ peer: null, helloAt: null, statusAt: null, status: {} },
        end: (end) => {
          const visit = { ...this.#describe(visiting), ...end };
          finish(() => resolve(visit));
        },
      };
      signal.addEventListener('abort', abort);
      this.#visiting.set(id, visiting);
      try {
        this.#server.addPeer(text);
      } catch {
        visiting.end(endOfDial('cancelled')); // our own node, or the server is stopping
      }
    });
  }

  async close(): Promise<void> {
    for (const stop of this.#stopListening) stop();
    this.#dnsTrees?.destroy();
    await this.#server.stop();
  }

  /** Our address for datagrams, and our id, for others to begin with. */
  get self() {
    return this.#server.self;
  }

  async *#lookups(table: DiscoveryTable<unknown>, signal: AbortSignal): AsyncGenerator<Node> {
    while (!signal.aborted) {
      yield* table.nodes(); // among them those that contacted us, whom others may not know yet
      let found = 0;
      for await (const node of table.lookup(randomTarget(), { signal })) {
        found += 1;
        yield node;
      }
      if (found === 0 && !signal.aborted) await this.#pause(LOOKUP_PAUSE_MS, signal);
    }
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#clock.clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = this.#clock.setTimeout(end, ms);
      signal.addEventListener('abort', end);
    });
  }

  #onState({ chart, id, nodeId, remote }: ConnectionStateChange): void {
    if (chart !== 'connection-setup') return;
    const visiting = nodeId === null ? this.#dialledAt(remote) : this.#visiting.get(nodeId);
    if (!visiting || visiting.connectionId !== null) return;
    visiting.connectionId = id;
    visiting.connectedAt = this.#clock.now();
  }

  /** Before the enc handshake is over no id is proven: the only visit to this address, if there is one. */
  #dialledAt({ host, port }: Endpoint): Visiting | undefined {
    const [first, ...others] = [...this.#visiting.values()].filter(
      ({ node }) => node.host === host && node.tcpPort === port,
    );
    return others.length === 0 ? first : undefined;
  }

  #onAdd(peer: Peer): void {
    const visiting = this.#visiting.get(peer.id);
    if (!visiting) return;
    visiting.peer = peer;
    visiting.helloAt = this.#clock.now();
    if (!this.#status) this.#endSoon(visiting, ACCEPTED);
  }

  #onVerdict(id: string, { end, status }: StatusVerdict): void {
    const visiting = this.#visiting.get(id);
    if (!visiting) return;
    visiting.statusAt ??= this.#clock.now();
    visiting.status = status;
    if (end.outcome === 'accepted') this.#endSoon(visiting, end);
    else visiting.end(end);
  }

  /** They may still refuse us, which then is the end. */
  #endSoon(visiting: Visiting, end: StatusVerdict['end']): void {
    if (this.#settling.has(visiting)) return;
    const timer = this.#clock.setTimeout(() => visiting.end(end), SETTLE_MS);
    this.#settling.set(visiting, timer);
  }

  #onEnded({ connectionId, state, facts, identity }: EndedConnection): void {
    for (const visiting of this.#visiting.values()) {
      if (visiting.connectionId !== connectionId) continue;
      const { hello } = identity;
      if (hello) visiting.helloAt = this.#clock.now();
      visiting.end({ ...(hello && helloOf(hello)), ...endOf('setup', state, facts['code']) });
    }
  }

  /** The end of a connection that the dial made has been reported before. */
  #onDialFailed({ target, state }: ServerEvents['dialFailed']): void {
    const visiting = this.#visiting.get(target.id);
    if (visiting && visiting.connectionId === null) visiting.end(endOfDial(state));
  }

  #onDrop({ peer, state, facts }: ServerEvents['drop']): void {
    const visiting = this.#visiting.get(peer.id);
    if (visiting?.peer === peer) visiting.end(endOf('peer', state, facts['code']));
  }

  /** What is known whatever the end is. */
  #describe(visiting: Visiting) {
    const { node, beganAt, connectedAt, helloAt, statusAt, peer, status } = visiting;
    const { record } = node;
    const forkId = record ? forkIdIn(record.entries) : 'absent';
    return {
      ...{ id: node.id, enode: formatEnode(node as Parameters<typeof formatEnode>[0]) },
      ...(record && { record: formatRecord(record.bytes) }),
      ...{ at: this.#unixTimeMs(), addressFamily: node.hostKind },
      ...(peer && helloOf(peer)),
      ...(typeof forkId === 'object' && {
        forkId: { hash: forkId.hash, next: `${forkId.next}` },
      }),
      ...status,
      latencyMs: {
        ...(connectedAt !== null && { connect: Math.round(connectedAt - beganAt) }),
        ...(connectedAt !== null &&
          helloAt !== null && { hello: Math.round(helloAt - connectedAt) }),
        ...(helloAt !== null && statusAt !== null && { status: Math.round(statusAt - helloAt) }),
      },
    };
  }

  #unreadable(id: string, text: string): Visit {
    return {
      ...{ id, enode: text, at: this.#unixTimeMs(), addressFamily: 'none', latencyMs: {} },
      ...endOfDial('unreadableNode'),
    };
  }

  /** Disconnects it, or ends the dial. A stopping server does that by itself. */
  async #leave({ text }: Node): Promise<void> {
    try {
      await this.#server.removePeer(text);
    } catch {
      return;
    }
  }
}

/** Untrusted, so made printable and short. */
const helloOf = ({
  client,
  capabilities,
}: Pick<Peer, 'client' | 'capabilities'>): Pick<Visit, 'client' | 'capabilities'> => ({
  client: printable(client, MAX_CLIENT_CHARS),
  capabilities: capabilities
    .slice(0, MAX_CAPABILITIES)
    .map(({ name, version }) => printable(`${name}/${version}`)),
});

/** A node list must not make us dial into our own network; discovery has rules of its own. */
async function* publicNodes(nodes: AsyncIterable<Node>): AsyncGenerator<Node> {
  for await (const node of nodes) if (isCandidateHost(node.host, false)) yield node;
}

function nodeOf(text: string): Node | null {
  try {
    return parseNode(text);
  } catch {
    return null;
  }
}

/** A lookup needs the key of a node that need not exist. */
const randomTarget = (): string => {
  const { publicKey } = generateNodeKey();
  return `enode://${publicKeyHex(publicKey)}@127.0.0.1:30303`;
};
