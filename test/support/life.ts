/** One life of a small world in which much goes wrong by chance: who is there, and what happens to them. */
import { echo } from '../../src/protocols/echo.ts';
import { SeededRandom } from '../../src/testing/seeded-random.ts';
import { createWorld, type World, type WorldOptions } from '../../src/testing/world.ts';
import type { WorldNode, WorldNodeOptions } from '../../src/testing/world-node.ts';

/** Things that happen in one world, seconds apart. */
const STEPS = 12;

/** One life of one world. The choices come from the seed, and from nothing else. */
export class Life {
  readonly world: World;
  readonly #random: SeededRandom;
  /** The one that is alive at each place. */
  readonly #nodes: WorldNode[] = [];

  /** @param options Those of the world, over what the seed says. */
  constructor(seed: string, options: Partial<WorldOptions> = {}) {
    this.#random = new SeededRandom(seed).fork('life');
    this.world = createWorld({ seed, crypto: 'fast', ...this.#badWeather(), ...options });
  }

  async live(): Promise<void> {
    const count = this.#random.between(2, 8);
    for (let node = 0; node < count; node += 1) this.#nodes.push(this.world.node(this.#options()));
    await this.world.start(...this.#nodes);
    for (let step = 0; step < STEPS; step += 1) {
      await this.#somethingHappens();
      await this.world.run(this.#random.between(0, 40_000));
    }
    await this.world.end();
  }

  #badWeather(): Partial<WorldOptions> {
    const random = this.#random;
    return {
      link: {
        latencyMs: random.pick([0, 1, 20, 150, 900]),
        jitterMs: random.pick([0, 10, 300]),
        lossRate: random.pick([0, 0, 0.05, 0.3]),
        pieceBytes: random.pick([0, 0, 1, 40, 500]),
        bytesPerSecond: random.pick([Number.POSITIVE_INFINITY, 20_000, 2_000]),
      },
      plague: {
        reset: random.pick([0, 0.1, 0.5]),
        fin: random.pick([0, 0.1]),
        stall: random.pick([0, 0.1]),
        deafness: random.pick([0, 0.1]),
      },
    };
  }

  #options(): WorldNodeOptions {
    const random = this.#random;
    return {
      maxPeers: random.pick([1, 2, 5, 50]),
      maxPendingPeers: random.pick([1, 5, 50]),
      dialRatio: random.pick([1, 2, 3]),
      noDial: random.chance(0.1),
      lan: random.chance(0.2),
      port: random.chance(0.1) ? null : 30_303,
      protocols: random.chance(0.9) ? [echo(random.chance(0.5) ? { say: 'hello' } : {})] : [],
      ...(random.chance(0.1) ? { nat: this.world.nat('portRestricted') } : {}),
    };
  }

  async #somethingHappens(): Promise<void> {
    const random = this.#random;
    const { world } = this;
    const at = random.between(0, this.#nodes.length - 1);
    const node = this.#nodes[at]!;
    const other = random.pick(this.#nodes);
    const things: (() => unknown)[] = [
      () => other !== node && node.server.addPeer(other.enode),
      () => other !== node && node.server.addPeer(other.enode),
      () => other !== node && node.server.addTrustedPeer(other.enode),
      () => void node.server.removePeer(other.enode).catch(() => {}), // it may be stopped before it is done
      () => node.server.peers[0]?.disconnect('requested'),
      () => world.partition(random.shuffled(this.#nodes).slice(0, random.between(1, 3))),
      () => world.heal(),
      () => world.setLink(node, other, { latencyMs: random.between(0, 3_000) }),
      () => node.clock.leap(random.pick([1_000, 20_000, 3_600_000])),
      () => random.pick([...world.tcp.connections, null])?.cut('reset', 0, 'aToB'),
      () => random.pick([...world.tcp.connections, null])?.cut('stall', 0, 'aToB'),
      () => random.pick([...world.tcp.connections, null])?.freeze('bToA'),
      async () => {
        await world.stop(node);
        this.#nodes[at] = world.revive(node);
        await world.start(this.#nodes[at]!);
      },
    ];
    await random.pick(things)();
    for (const { server } of this.#nodes) // so that there is something to break
      for (const peer of random.shuffled(this.#nodes).slice(0, 2))
        if (peer.server !== server && random.chance(0.3)) server.addPeer(peer.enode);
  }
}
