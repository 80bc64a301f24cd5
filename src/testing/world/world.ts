/**
 * A simulated world: real servers on one virtual clock, one seed and one simulated network. The same seed gives the same
 * run, byte for byte. It uses no system timer, no socket and no system randomness; handlers in a test must not either.
 */
import { noblePrimitives, type Primitives } from '../../io/crypto/primitives.ts';
import { FAST_SECRETS, fastPrimitives } from '../raw-peer/fast-crypto.ts';
import { ActorWatch, type Observation } from './actor-watch.ts';
import { type ConnectionFaults, faultInjector } from './connection-faults.ts';
import { type Duration, toMs } from './duration.ts';
import { drainEventLoop } from './event-loop.ts';
import { type Host, Internet, type LinkSettings } from './internet.ts';
import { describeViolation, type Violation } from './invariants.ts';
import { findLeaks, openConnections } from './leak-check.ts';
import { memoryResolver } from './memory-resolver.ts';
import { MemoryTcp, type TcpConnection } from './memory-tcp.ts';
import { memoryTxtResolver } from './memory-txt-resolver.ts';
import { MemoryUdp } from './memory-udp.ts';
import { Nat, type NatShape } from './nat.ts';
import { NodeInvariants } from './node-invariants.ts';
import { RunTrace } from './run-trace.ts';
import { SeededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';
import { WorldError } from './world-error.ts';
import { createNode, type WorldNode, type WorldNodeOptions } from './world-node.ts';

export type WorldOptions = {
  readonly seed: string | number;
  /** `fast`: tiny private keys that make handshakes cheap, for at most 250 nodes. Default `real`. */
  readonly crypto?: 'real' | 'fast';
  /** Settings of every link that `setLink` does not change. Default `DEFAULT_LINK`. */
  readonly link?: Partial<LinkSettings>;
  /** Faults that hit TCP connections at random. Default none. */
  readonly connectionFaults?: ConnectionFaults;
  /** Called with each TCP connection before either end is handed out, for example to `cut` or `freeze` it. */
  readonly onConnection?: (connection: TcpConnection) => void;
  /** Keeps the lines of `trace`, to find where two runs differ. They stay in memory until the world is released. */
  readonly keepTrace?: boolean;
  /** Checks every server after each event, see `INVARIANTS`. Default true. */
  readonly invariants?: boolean;
};

/** Longest stop of all servers, in ms: twice the 5 s that `server.stop()` promises. */
const STOP_LIMIT_MS = 10_000;

/** The time of day when a world begins, in ms since 1970: the start of 2027, in UTC. */
const WORLD_BEGAN_AT_MS = 1_798_761_600_000;

/** Longest time until the last FIN of a released connection arrives, in ms. Our choice. */
const LAST_BYTES_MS = 600_000;

/** Default limit of `until` and `complete`. */
const DEFAULT_LIMIT = '10m';

export function createWorld(options: WorldOptions): World {
  return new World(options);
}

export class World {
  readonly seed: string | number;
  readonly random: SeededRandom;
  readonly clock = new VirtualClock();
  readonly internet: Internet;
  readonly tcp: MemoryTcp;
  readonly udp: MemoryUdp;
  /** DNS of this world: host name → IP address, or several in the order in which to try them. Other names do not exist. */
  readonly hostNames = new Map<string, string | readonly string[]>();
  /** The TXT record of each name, for DNS node lists. Other names have none. */
  readonly txtRecords = new Map<string, string>();
  /** Internal errors and unhandled events. `end` throws them; a test that expects some removes them. */
  readonly problems: string[] = [];
  /** Every node that was created, also stopped ones. */
  readonly nodes: WorldNode[] = [];
  readonly #checksInvariants: boolean;
  readonly #secretKeys = new WeakMap<WorldNode['key'], Uint8Array>();
  readonly #primitives: Primitives;
  readonly #trace: RunTrace;
  readonly #watch: ActorWatch;
  /** The first one; every method that advances time throws it. */
  #violation: Violation | null = null;
  #isBusy = false;
  #hostCount = 0;
  #keyCount = 0;
  /** Also of nodes that a caller has taken out of `nodes`: no two servers draw the same randomness. */
  #serverCount = 0;

  constructor(options: WorldOptions) {
    const { seed, crypto = 'real', link, connectionFaults = {}, onConnection } = options;
    this.seed = seed;
    this.#checksInvariants = options.invariants ?? true;
    this.random = new SeededRandom(seed);
    this.#primitives = crypto === 'fast' ? fastPrimitives : noblePrimitives;
    this.#trace = new RunTrace(options.keepTrace ?? false);
    this.internet = new Internet(this.clock, this.random.fork('internet'), link);
    const inject = faultInjector(connectionFaults, this.random.fork('connection faults'));
    this.tcp = new MemoryTcp(this.internet, this.random.fork('tcp'), {
      onConnection: (connection) => {
        inject(connection);
        onConnection?.(connection);
      },
      onDelivered: (label, piece) => this.#record(`tcp ${label}${piece ? '' : ' end'}`, piece),
    });
    this.udp = new MemoryUdp(this.internet, this.random.fork('udp'), {
      onDelivered: (from, to, bytes) => this.#record(`udp ${from} ${to}`, bytes),
    });
    this.#watch = new ActorWatch({
      onTransition: (node, actor, event, state) =>
        this.#record(`${node} ${actor} ${event} ${state}`),
      onIgnored: (node, actor, event) =>
        this.problems.push(`${node}: no state of ${actor} handles ${event}`),
      onObserverError: (error) => this.problems.push(`an observer threw ${error}`),
    });
  }

  /**
   * Creates a node without starting it: `await world.start(node)`.
   * @throws {RangeError} `crypto: 'fast'` has no key left for another node. @throws {TypeError} An option is invalid.
   */
  node(options: WorldNodeOptions = {}): WorldNode {
    this.#keyCount += 1;
    if (this.#primitives === fastPrimitives && this.#keyCount > FAST_SECRETS)
      throw new RangeError(`a world with fast crypto has at most ${FAST_SECRETS} nodes`);
    const secret = new Uint8Array(32);
    new DataView(secret.buffer).setUint32(28, this.#keyCount);
    const host: Host = {
      address: options.address ?? this.#freeAddress(options),
      nat: options.nat ?? null,
    };
    this.internet.join(host);
    return this.#create(options.label ?? `node ${this.#keyCount}`, host, options, secret);
  }

  /** A new server with the key, address and options of a node that has stopped. Not started. */
  recreate({ label, host, options, key }: WorldNode): WorldNode {
    return this.#create(label, host, options, this.#secretKeys.get(key)!);
  }

  /** A NAT router; nodes with the option `nat` are behind it. */
  nat(shape: NatShape): Nat {
    return new Nat(this.#freeAddress({}), shape, this.clock);
  }

  /** Starts the nodes one after the other. @throws {ServerError} As `server.start()` does. */
  async start(...nodes: readonly WorldNode[]): Promise<void> {
    for (const { server } of nodes) await this.complete(server.start());
  }

  /** Stops the nodes concurrently. @returns Virtual time until all stopped, in ms. @throws {WorldError} More than 10 s. */
  async stop(...nodes: readonly WorldNode[]): Promise<number> {
    const startedAt = this.clock.now();
    await this.complete(Promise.all(nodes.map(({ server }) => server.stop())), STOP_LIMIT_MS);
    return this.clock.now() - startedAt;
  }

  /** Runs everything that is due now, without advancing time. */
  async settle(): Promise<void> {
    await this.run(0);
  }

  /** Advances time by `duration`, such as `'10m'`, and runs everything that becomes due. */
  async run(duration: Duration): Promise<void> {
    const end = this.clock.now() + toMs(duration);
    await this.#drive(end, () => false);
    this.clock.leap(end - this.clock.now());
  }

  /**
   * Advances time until `condition` returns true. It is called after each step, before the next timer.
   * @returns Virtual time that passed, in ms. @throws {WorldError} It did not return true within `limit`.
   */
  async until(condition: () => boolean, limit: Duration = DEFAULT_LIMIT): Promise<number> {
    const startedAt = this.clock.now();
    if (await this.#drive(startedAt + toMs(limit), condition)) return this.clock.now() - startedAt;
    throw new WorldError(this.seed, [`this condition was not met within ${limit}: ${condition}`]);
  }

  /** Advances time until `promise` settles. @returns Its result. @throws {WorldError} It did not settle within `limit`. */
  async complete<Value>(promise: Promise<Value>, limit: Duration = DEFAULT_LIMIT): Promise<Value> {
    let isSettled = false;
    const settled = (): void => {
      isSettled = true;
    };
    promise.then(settled, settled);
    const end = this.clock.now() + toMs(limit);
    if (await this.#drive(end, () => isSettled)) return promise;
    throw new WorldError(this.seed, [`a promise was not settled within ${limit}`]);
  }

  /** Separates the groups; nodes in no group form one more group. Replaces an earlier partition. */
  partition(...groups: readonly (readonly WorldNode[])[]): void {
    this.internet.partition(groups.map((group) => group.map(({ host }) => host.address)));
  }

  /** Ends a partition. TCP sends its waiting data again. */
  heal(): void {
    this.internet.heal();
  }

  /** Changes the link between two nodes from now on. */
  setLink(a: WorldNode, b: WorldNode, settings: Partial<LinkSettings>): void {
    this.internet.setLink(a.host.address, b.host.address, settings);
  }

  /**
   * Calls `observer` synchronously after each event of each actor. What it throws is added to `problems`.
   * @returns A function that removes it.
   */
  observe(observer: (observation: Observation) => void): () => void {
    return this.#watch.observe(observer);
  }

  /** SHA-256, in hex, of every delivered byte, every reported event and every transition so far. */
  get fingerprint(): string {
    return this.#trace.fingerprint;
  }

  /** The lines that the fingerprint is made of; empty without `keepTrace`. */
  get trace(): readonly string[] {
    return this.#trace.lines;
  }

  /**
   * Ends the world: heals partitions, stops all nodes and checks for leaks.
   * @throws {WorldError} There are `problems`, or a timer, actor, stream, socket, slot or peer is left.
   */
  async end(): Promise<void> {
    this.heal();
    await this.stop(...this.nodes);
    this.udp.dropInFlight();
    const problems = findLeaks(this.nodes, this.tcp, this.udp, this.#watch.active());
    await this.#drive(this.clock.now() + LAST_BYTES_MS, () => this.clock.pending === 0);
    problems.push(...openConnections(this.tcp));
    problems.unshift(...this.problems);
    if (problems.length > 0) throw new WorldError(this.seed, problems);
  }

  /** True when `condition` holds, false at `end`. Does not advance time beyond the last timer that ran. */
  async #drive(end: number, condition: () => boolean): Promise<boolean> {
    if (this.#isBusy)
      throw new TypeError('this world is already running: await the previous call first');
    this.#isBusy = true;
    try {
      for (;;) {
        await drainEventLoop();
        this.#assertInvariants();
        if (condition()) return true;
        const at = this.clock.nextAt;
        if (at === null || at > end) return false;
        this.clock.fireNext();
      }
    } finally {
      this.#isBusy = false;
    }
  }

  #create(label: string, host: Host, options: WorldNodeOptions, secret: Uint8Array): WorldNode {
    const watch = this.#watch.inspectorOf(label);
    const invariants = this.#checksInvariants
      ? this.#invariantsOf(label, () => node.clock.now())
      : null;
    const node = createNode(label, host, options, {
      secret,
      worldClock: this.clock,
      ports: {
        random: this.random.fork(`server ${this.#serverCount}`).bytes,
        primitives: this.#primitives,
        resolver: memoryResolver(this.clock, this.hostNames),
        txtResolver: memoryTxtResolver(this.clock, this.txtRecords),
        datagrams: this.udp.binderOf(host),
        unixTimeMs: () => WORLD_BEGAN_AT_MS + Math.floor(node.clock.now()),
        openFiles: () => Number.POSITIVE_INFINITY, // independent of this computer
        ...this.tcp.portsOf(host),
      },
      inspect: (inspected) => {
        watch(inspected);
        invariants?.inspect(inspected);
      },
      onEvent: (from, event) => {
        const ending = 'state' in event ? ` ${event.state}` : '';
        this.#record(`${from} reports ${event.type}${ending}`);
        invariants?.onServerEvent(event);
      },
      onInternalError: (from, sentence) => this.problems.push(`${from}: ${sentence}`),
    });
    this.#serverCount += 1;
    this.#secretKeys.set(node.key, secret);
    this.nodes.push(node);
    return node;
  }

  #invariantsOf(node: string, now: () => number): NodeInvariants {
    return new NodeInvariants({
      now,
      onViolated: (violation) => {
        this.#violation ??= { ...violation, node, at: this.clock.now() };
      },
    });
  }

  /** One /24 for each host, from an ordinary range: discovery rejects documentation addresses. */
  #freeAddress({ lan = false, nat }: WorldNodeOptions): string {
    this.#hostCount += 1;
    const [high, low] = [this.#hostCount >> 8, this.#hostCount & 0xff];
    return lan || nat ? `10.0.${high}.${low}` : `45.${high}.${low}.1`;
  }

  #assertInvariants(): void {
    const violation = this.#violation;
    if (violation) throw new WorldError(this.seed, [describeViolation(violation)], violation);
  }

  #record(line: string, bytes: Uint8Array | null = null): void {
    this.#trace.record(this.clock.now(), line, bytes);
  }
}
