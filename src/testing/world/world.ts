/**
 * A simulated world: real servers on one virtual time, one seed and one simulated network. The same seed is the same
 * run, byte for byte. No timer of the system, no socket, no randomness of the system; handlers of a test must not use
 * any either.
 */
import { noblePrimitives, type Primitives } from '../../io/crypto/primitives.ts';
import { FAST_SECRETS, fastPrimitives } from '../raw-peer/fast-crypto.ts';
import { ActorWatch, type Observation } from './actor-watch.ts';
import { type ConnectionFaults, plagueOf } from './connection-faults.ts';
import { type Duration, toMs } from './duration.ts';
import { type Host, Internet, type LinkSettings } from './internet.ts';
import { describeViolation, type Violation } from './invariants.ts';
import { leftovers, unclosed } from './leftovers.ts';
import { memoryResolver } from './memory-resolver.ts';
import { MemoryTcp, type TcpConnection } from './memory-tcp.ts';
import { MemoryUdp } from './memory-udp.ts';
import { Nat, type NatShape } from './nat.ts';
import { NodeInvariants } from './node-invariants.ts';
import { SeededRandom } from './seeded-random.ts';
import { Transcript } from './transcript.ts';
import { drainTurns } from './turns.ts';
import { VirtualClock } from './virtual-clock.ts';
import { WorldError } from './world-error.ts';
import { createNode, type WorldNode, type WorldNodeOptions } from './world-node.ts';

export type WorldOptions = {
  readonly seed: string | number;
  /** `fast`: secrets so small that handshakes cost next to nothing; at most 250 nodes. Default `real`. */
  readonly crypto?: 'real' | 'fast';
  /** How every link is that `setLink` does not change. */
  readonly link?: Partial<LinkSettings>;
  /** What happens to connections by chance. */
  readonly plague?: ConnectionFaults;
  /** Gets each TCP connection before anybody has its ends: the place to `cut` and `freeze` it. */
  readonly onConnection?: (connection: TcpConnection) => void;
  /** Keeps the lines of the transcript, to find where two runs part. Costs memory for as long as the world lives. */
  readonly keepTranscript?: boolean;
  /** Judges every server after each event, see `INVARIANTS`. Default true. */
  readonly invariants?: boolean;
};

/** How long servers may take to stop, in ms: twice the 5 s that `server.stop()` promises. */
const STOP_LIMIT_MS = 10_000;

/** How long what both ends have let go may still be on its way to one of them, in ms. Ours. */
const LAST_BYTES_MS = 600_000;

/** How long `until` and `complete` wait unless told otherwise. */
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
  /** Names and addresses, as DNS tells them; who asks for another one hears that there is none. */
  readonly hostNames = new Map<string, string>();
  /** Mistakes of ours, and events that no state handled. `end` throws them; a test that expects some takes them out. */
  readonly faults: string[] = [];
  /** Every node there ever was. */
  readonly nodes: WorldNode[] = [];
  readonly #judges: boolean;
  readonly #secretsOf = new WeakMap<WorldNode['key'], Uint8Array>();
  readonly #primitives: Primitives;
  readonly #transcript: Transcript;
  readonly #watch: ActorWatch;
  /** The first one. Whatever lets time pass throws it. */
  #violation: Violation | null = null;
  #isBusy = false;
  #hosts = 0;
  #secrets = 0;

  constructor(options: WorldOptions) {
    const { seed, crypto = 'real', link, plague, onConnection } = options;
    this.seed = seed;
    this.#judges = options.invariants ?? true;
    this.random = new SeededRandom(seed);
    this.#primitives = crypto === 'fast' ? fastPrimitives : noblePrimitives;
    this.#transcript = new Transcript(options.keepTranscript ?? false);
    this.internet = new Internet(this.clock, this.random.fork('internet'), link);
    const befall = plagueOf(plague ?? {}, this.random.fork('plague'));
    this.tcp = new MemoryTcp(this.internet, this.random.fork('tcp'), {
      onConnection: (connection) => {
        befall(connection);
        onConnection?.(connection);
      },
      onDelivered: (label, piece) => this.#note(`tcp ${label}${piece ? '' : ' end'}`, piece),
    });
    this.udp = new MemoryUdp(this.internet, this.random.fork('udp'), {
      onDelivered: (from, to, bytes) => this.#note(`udp ${from} ${to}`, bytes),
    });
    this.#watch = new ActorWatch({
      onTransition: (node, actor, event, state) => this.#note(`${node} ${actor} ${event} ${state}`),
      onIgnored: (node, actor, event) =>
        this.faults.push(`${node}: no state of ${actor} handles ${event}`),
      onObserverFault: (error) => this.faults.push(`an observer: ${error}`),
    });
  }

  /**
   * A node that is not started: `await world.start(node)`.
   * @throws {RangeError} There are as many nodes as `crypto: 'fast'` has keys. @throws {TypeError} An option is wrong.
   */
  node(options: WorldNodeOptions = {}): WorldNode {
    this.#secrets += 1;
    if (this.#primitives === fastPrimitives && this.#secrets > FAST_SECRETS)
      throw new RangeError(`a world with fast crypto has at most ${FAST_SECRETS} nodes`);
    const secret = new Uint8Array(32);
    new DataView(secret.buffer).setUint32(28, this.#secrets);
    const host: Host = {
      address: options.address ?? this.#freeAddress(options),
      nat: options.nat ?? null,
    };
    this.internet.join(host);
    return this.#create(options.label ?? `node ${this.#secrets}`, host, options, secret);
  }

  /** A new server in the place of one that has stopped: the same key, address and options. */
  revive({ label, host, options, key }: WorldNode): WorldNode {
    return this.#create(label, host, options, this.#secretsOf.get(key)!);
  }

  /** A router to put nodes behind, with the option `nat`. */
  nat(shape: NatShape): Nat {
    return new Nat(this.#freeAddress({}), shape, this.clock);
  }

  /** Starts them one after the other. @throws {ServerError} As `server.start()` does. */
  async start(...nodes: readonly WorldNode[]): Promise<void> {
    for (const { server } of nodes) await this.complete(server.start());
  }

  /** Stops them together. @returns how long it took, in ms. @throws {WorldError} It took more than 10 s. */
  async stop(...nodes: readonly WorldNode[]): Promise<number> {
    const begun = this.clock.now();
    await this.complete(Promise.all(nodes.map(({ server }) => server.stop())), STOP_LIMIT_MS);
    return this.clock.now() - begun;
  }

  /** Lets everything happen that needs no time to pass. */
  async settle(): Promise<void> {
    await this.run(0);
  }

  /** Moves on by `duration`, such as `'10m'`, and lets everything happen that is due on the way. */
  async run(duration: Duration): Promise<void> {
    const end = this.clock.now() + toMs(duration);
    await this.#drive(end, () => false);
    this.clock.leap(end - this.clock.now());
  }

  /**
   * Moves on until `condition` holds, which is asked whenever something has happened.
   * @returns how long it took, in ms. @throws {WorldError} It did not, within `limit`.
   */
  async until(condition: () => boolean, limit: Duration = DEFAULT_LIMIT): Promise<number> {
    const begun = this.clock.now();
    if (await this.#drive(begun + toMs(limit), condition)) return this.clock.now() - begun;
    throw new WorldError(this.seed, [`within ${limit}, this did not happen: ${condition}`]);
  }

  /** Moves on until `promise` is settled, and hands it on. @throws {WorldError} It was not, within `limit`. */
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

  /** The hosts of each group hear only each other; those in no group are another group. Ends an earlier partition. */
  partition(...groups: readonly (readonly WorldNode[])[]): void {
    this.internet.partition(groups.map((group) => group.map(({ host }) => host.address)));
  }

  /** Ends a partition. What TCP had to hold back is on its way again. */
  heal(): void {
    this.internet.heal();
  }

  /** How the link between two nodes is from now on. */
  setLink(a: WorldNode, b: WorldNode, settings: Partial<LinkSettings>): void {
    this.internet.setLink(a.host.address, b.host.address, settings);
  }

  /**
   * Calls `observer` after each event of each actor, in the same breath. What it throws is a fault.
   * @returns a function that stops it.
   */
  observe(observer: (observation: Observation) => void): () => void {
    return this.#watch.observe(observer);
  }

  /** SHA-256, in hex, of every byte that was delivered, every event that was reported and every transition. */
  get fingerprint(): string {
    return this.#transcript.fingerprint;
  }

  /** What the fingerprint is made of; empty without `keepTranscript`. */
  get transcript(): readonly string[] {
    return this.#transcript.lines;
  }

  /**
   * Ends partitions, stops everybody, and looks at what is left.
   * @throws {WorldError} Something went wrong, or is left: a timer, an actor, a stream, a socket, a slot or a peer.
   */
  async end(): Promise<void> {
    this.heal();
    await this.stop(...this.nodes);
    this.udp.loseAll();
    const problems = leftovers(this.nodes, this.tcp, this.udp, this.#watch.living());
    await this.#drive(this.clock.now() + LAST_BYTES_MS, () => this.clock.pending === 0);
    problems.push(...unclosed(this.tcp));
    problems.unshift(...this.faults);
    if (problems.length > 0) throw new WorldError(this.seed, problems);
  }

  /** True as soon as `condition` holds, false when `end` has come; time stays where it is then. */
  async #drive(end: number, condition: () => boolean): Promise<boolean> {
    if (this.#isBusy)
      throw new TypeError('this world is running already: await what it does first');
    this.#isBusy = true;
    try {
      for (;;) {
        await drainTurns();
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
    const invariants = this.#judges ? this.#invariantsOf(label, () => node.clock.now()) : null;
    const node = createNode(label, host, options, {
      secret,
      worldClock: this.clock,
      ports: {
        random: this.random.fork(`server ${this.nodes.length}`).bytes,
        primitives: this.#primitives,
        resolver: memoryResolver(this.clock, this.hostNames),
        openFiles: () => Number.POSITIVE_INFINITY, // nothing of this machine decides
        ...this.tcp.portsOf(host),
      },
      inspect: (inspected) => {
        watch(inspected);
        invariants?.inspect(inspected);
      },
      onEvent: (from, event) => {
        const ending = 'state' in event ? ` ${event.state}` : '';
        this.#note(`${from} reports ${event.type}${ending}`);
        invariants?.hear(event);
      },
      onInternalError: (from, sentence) => this.faults.push(`${from}: ${sentence}`),
    });
    this.#secretsOf.set(node.key, secret);
    this.nodes.push(node);
    return node;
  }

  #invariantsOf(node: string, now: () => number): NodeInvariants {
    return new NodeInvariants({
      now,
      onBroken: (violation) => {
        this.#violation ??= { ...violation, node, at: this.clock.now() };
      },
    });
  }

  /** Every host in a /24 of its own: discovery refuses the ranges for documentation, so these are ordinary ones. */
  #freeAddress({ lan = false, nat }: WorldNodeOptions): string {
    this.#hosts += 1;
    const [high, low] = [this.#hosts >> 8, this.#hosts & 0xff];
    return lan || nat ? `10.0.${high}.${low}` : `45.${high}.${low}.1`;
  }

  #assertInvariants(): void {
    const violation = this.#violation;
    if (violation) throw new WorldError(this.seed, [describeViolation(violation)], violation);
  }

  #note(line: string, bytes: Uint8Array | null = null): void {
    this.#transcript.note(this.clock.now(), line, bytes);
  }
}
