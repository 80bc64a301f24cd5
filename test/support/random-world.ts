/** A small world with random nodes, faults and actions, all drawn from one seed. */
import { ServerError } from '../../src/api/server-error.ts';
import { shortestFailing } from '../../src/testing/model/shrink.ts';
import { SeededRandom } from '../../src/testing/world/seeded-random.ts';
import { createWorld, type World, type WorldOptions } from '../../src/testing/world/world.ts';
import { WorldError } from '../../src/testing/world/world-error.ts';
import type { WorldNode, WorldNodeOptions } from '../../src/testing/world/world-node.ts';
import { BEHAVIOURS, protocolOf } from './noisy-protocols.ts';
import { type Action, drawScript } from './world-script.ts';

/** What it throws fails the world. */
type AfterStep = (world: World) => void;

/** Worlds with real cryptography are few, since they cost so much more. */
const REAL_CRYPTO_RATE = 0.02;

const MAX_NODES = 12;

/** The actions of this seed. */
export function scriptOf(seed: string): readonly Action[] {
  return drawScript(new SeededRandom(seed).fork('script'), countOf(seed));
}

/** Plays these actions in the world of this seed, and ends it. @throws {WorldError} */
export async function replayScript(
  seed: string,
  script: readonly Action[],
  afterStep?: AfterStep,
): Promise<World> {
  const life = new RandomWorld(seed, afterStep);
  for (const action of script) await life.play(action);
  await life.world.end();
  return life.world;
}

/**
 * Runs the world of this seed with all its actions.
 * @param afterStep Called after each moment of the time between actions.
 * @throws {Error} The failure, and the shortest list of actions that causes it.
 */
export async function runSeed(seed: string, afterStep?: AfterStep): Promise<World> {
  const script = scriptOf(seed);
  try {
    return await replayScript(seed, script, afterStep);
  } catch (error) {
    const kind = kindOf(error);
    const failures = new Map<readonly Action[], unknown>();
    const shortest = await shortestFailing(script, (shorter) =>
      replayScript(seed, shorter, afterStep).then(
        () => false,
        (other) => {
          failures.set(shorter, other);
          return kindOf(other) === kind;
        },
      ),
    );
    const failure = (failures.get(shortest) ?? error) as Error;
    throw new Error(`${failure.message}\n\nThis replays it:\n${replayOf(seed, shortest)}`, {
      cause: failure,
    });
  }
}

/** Code that can be put into a test. */
function replayOf(seed: string, script: readonly Action[]): string {
  const lines = script.map((action) => `  ${JSON.stringify(action)},`);
  return [`await replayLife(${JSON.stringify(seed)}, [`, ...lines, ']);'].join('\n');
}

/** Two failures are of one kind when the same invariant is broken, or some are broken in no other world. */
function kindOf(error: unknown): string {
  if (!(error instanceof WorldError)) return String(error).slice(0, 60);
  const { violation, problems } = error;
  return violation ? `invariant ${violation.invariant}` : problems[0]!.replace(/\d+/g, '#');
}

/** Most worlds are small. */
function countOf(seed: string): number {
  const random = new SeededRandom(seed).fork('count');
  return random.between(2, random.between(2, MAX_NODES));
}

class RandomWorld {
  readonly world: World;
  readonly #random: SeededRandom;
  /** The one that is alive at each place. */
  readonly #nodes: WorldNode[] = [];

  readonly #afterStep: AfterStep | undefined;

  constructor(seed: string, afterStep?: AfterStep) {
    this.#afterStep = afterStep;
    this.#random = new SeededRandom(seed).fork('life');
    this.world = createWorld({ seed, ...this.#surroundings() });
    const count = countOf(seed);
    const routers = [this.world.nat('portRestricted'), this.world.nat('fullCone')];
    for (let node = 0; node < count; node += 1) {
      const nat = this.#random.chance(0.1) ? { nat: this.#random.pick(routers) } : {};
      this.#nodes.push(this.world.node({ ...this.#options(), ...nat }));
    }
  }

  async play(action: Action): Promise<void> {
    const { world } = this;
    await this.#advanceTo(Math.max(world.clock.now(), action.at));
    switch (action.do) {
      case 'start':
        return this.#start(action.node);
      case 'stop':
        return forgive(this.#at(action.node).server.stop());
      case 'disconnect':
        return this.#at(action.node).server.peers[0]?.disconnect();
      case 'addPeer':
      case 'removePeer':
      case 'addTrustedPeer':
      case 'removeTrustedPeer': {
        const { server } = this.#at(action.node);
        const { enode } = this.#at(action.other);
        return forgive((async () => server[action.do](enode))()); // it may not be running
      }
      case 'partition':
        return world.partition(action.nodes.map((node) => this.#at(node)));
      case 'heal':
        return world.heal();
      case 'wait':
        return;
      case 'link': {
        const { latencyMs } = action;
        return world.setLink(this.#at(action.node), this.#at(action.other), { latencyMs });
      }
      case 'leap':
        return this.#at(action.node).clock.leap(action.ms);
      case 'cut':
        return this.#connection(action.connection)?.cut(action.how, action.bytes, action.direction);
      case 'freeze':
        return this.#connection(action.connection)?.freeze(action.direction);
    }
  }

  async #advanceTo(end: number): Promise<void> {
    const { clock } = this.world;
    const left = (): number => end - clock.now();
    if (this.#afterStep)
      await this.world.until(() => {
        this.#afterStep?.(this.world);
        return (clock.nextAt ?? Number.POSITIVE_INFINITY) > end;
      }, left());
    await this.world.run(left());
  }

  /** Nothing happens to who is started. Who has stopped gets a new server in its place. */
  #start(place: number): void {
    const { server } = this.#at(place);
    if (server.actor.getSnapshot().status === 'done')
      this.#nodes[place] = this.world.recreate(this.#at(place));
    forgive(this.#at(place).server.start());
  }

  #at(place: number): WorldNode {
    return this.#nodes[place]!;
  }

  #connection(number: number) {
    const connections = [...this.world.tcp.connections];
    return connections[number % connections.length];
  }

  #surroundings(): Partial<WorldOptions> {
    const random = this.#random;
    return {
      crypto: random.chance(REAL_CRYPTO_RATE) ? 'real' : 'fast',
      link: {
        latencyMs: random.pick([0, 1, 20, 150, 900]),
        jitterMs: random.pick([0, 10, 300]),
        lossRate: random.pick([0, 0, 0.05, 0.3]),
        pieceBytes: random.pick([0, 0, 0, 40, 500]),
        bytesPerSecond: random.pick([Number.POSITIVE_INFINITY, 20_000, 2_000]),
      },
      connectionFaults: {
        reset: random.pick([0, 0.1, 0.5]),
        fin: random.pick([0, 0.1]),
        stall: random.pick([0, 0.1]),
        neverReads: random.pick([0, 0.1]),
      },
    };
  }

  #options(): WorldNodeOptions {
    const random = this.#random;
    const others = (rate: number): string[] =>
      this.#nodes.flatMap(({ enode }) => (random.chance(rate) ? [enode] : []));
    return {
      maxPeers: random.pick([1, 2, 3, 5, 50]),
      maxPendingPeers: random.pick([1, 2, 5, 50]),
      dialRatio: random.pick([1, 2, 3]),
      dialShare: random.chance(0.1) ? 'legacyHalf' : 'ratio',
      staticExempt: random.chance(0.1),
      noDial: random.chance(0.1),
      legacyHandshake: random.chance(0.05),
      messageEvents: random.chance(0.1),
      lan: random.chance(0.3),
      port: random.chance(0.1) ? null : 30_303,
      protocols: random.chance(0.9) ? [protocolOf(random.pick(BEHAVIOURS))] : [],
      staticNodes: others(random.pick([0, 0.3])),
      trustedNodes: others(random.pick([0, 0, 0.3])),
      bootnodes: others(random.pick([0, 0, 0.5])),
      ...(random.chance(0.3) ? { candidates: oneByOne(others(0.7)) } : {}),
    };
  }
}

async function* oneByOne(urls: readonly string[]): AsyncGenerator<string> {
  yield* urls;
}

/** Calls to a server that is not running, or stops meanwhile, are refused; any other error is a failure. */
function forgive(asked: Promise<unknown>): void {
  asked.catch((error: unknown) => {
    if (!(error instanceof ServerError)) throw error;
  });
}
