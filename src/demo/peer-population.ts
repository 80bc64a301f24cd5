/**
 * The nodes around the observed one: real servers that join, talk, leave, crash, lose their network and come back.
 * Some dial it, some are dialled because they are to be kept connected, and some are tried because they were found.
 */
import type { SeededRandom } from '../testing/world/seeded-random.ts';
import type { WorldNode } from '../testing/world/world-node.ts';
import { backgroundTraffic } from './background-traffic.ts';
import { CLIENTS } from './remote-nodes.ts';
import type { Stage } from './stage.ts';

/** How the observed node and a member of the crowd come together. */
type Acquaintance = 'calls' | 'kept' | 'found';

const MEMBERS: Readonly<Record<Acquaintance, number>> = { calls: 3, kept: 2, found: 2 };

/** How long a member stays before something befalls it, in ms. */
const STAY_MS = { least: 30_000, most: 120_000 };

/** How long it is away, in ms. */
const AWAY_MS = { least: 5_000, most: 20_000 };

/** More than any silence that a peer is forgiven, in ms. */
const PARTITION_MS = 35_000;

/** From the start to the arrival of the next member, in ms. */
const ARRIVAL_MS = 700;

/** When the first member that is kept connected crashes: its redial is in the first minute. In ms. */
const FIRST_CRASH_MS = 9_000;

/** From one node that is found to the next, in ms. */
const FIND_MS = 4_000;

type Member = { readonly acquaintance: Acquaintance; node: WorldNode };

type Fate = (crowd: PeerPopulation, member: Member) => Promise<void>;

export class PeerPopulation {
  readonly #stage: Stage;
  readonly #random: SeededRandom;
  readonly #members: readonly Member[];
  #isPartitioned = false;

  constructor(stage: Stage, random: SeededRandom) {
    this.#stage = stage;
    this.#random = random;
    this.#members = (Object.keys(MEMBERS) as Acquaintance[]).flatMap((acquaintance) =>
      Array.from({ length: MEMBERS[acquaintance] }, () => ({
        acquaintance,
        node: this.#create(acquaintance),
      })),
    );
  }

  /** Everybody's life, until the stage is closed. */
  lives(): readonly Promise<never>[] {
    return this.#members.map((member, index) => this.#live(member, (index + 1) * ARRIVAL_MS));
  }

  get nodes(): readonly WorldNode[] {
    return this.#members.map(({ node }) => node);
  }

  /** One after the other, again and again, of those that wait to be found. */
  async *found(): AsyncGenerator<string> {
    const urls = this.#members
      .filter(({ acquaintance }) => acquaintance === 'found')
      .map(({ node }) => node.enode);
    for (let next = 0; ; next += 1) {
      await this.#stage.wait(FIND_MS);
      yield urls[next % urls.length]!;
    }
  }

  async #live(member: Member, arrivesAt: number): Promise<never> {
    const { least, most } = STAY_MS;
    await this.#stage.wait(arrivesAt);
    await member.node.server.start();
    if (member.acquaintance === 'kept') this.#stage.server.addPeer(member.node.enode);
    if (this.#members.find(({ acquaintance }) => acquaintance === 'kept') === member) {
      await this.#stage.wait(FIRST_CRASH_MS);
      await FATES.crashes(this, member);
    }
    for (;;) {
      await this.#stage.wait(this.#random.between(least, most));
      await FATES[this.#random.pick(FATE_NAMES)](this, member);
    }
  }

  async comeBack(member: Member): Promise<void> {
    const { world } = this.#stage;
    await this.#stage.wait(this.#random.between(AWAY_MS.least, AWAY_MS.most));
    world.nodes.splice(world.nodes.indexOf(member.node), 1); // it has stopped, and left nothing
    member.node = world.recreate(member.node);
    await member.node.server.start();
  }

  async leave({ node }: Member): Promise<void> {
    await node.server.stop();
  }

  /** Its connections are reset before it can say a word. */
  async crash({ node }: Member): Promise<void> {
    for (const connection of this.#stage.world.tcp.connections)
      if (connection.from === node.host || connection.to === node.host)
        connection.cut('reset', 0, 'aToB');
    await this.#stage.wait(0);
    await node.server.stop();
  }

  /** One at a time: a world has one partition. */
  async isolate({ node }: Member): Promise<void> {
    if (this.#isPartitioned) return;
    const { world } = this.#stage;
    this.#isPartitioned = true;
    try {
      world.partition([node]);
      await this.#stage.wait(PARTITION_MS);
    } finally {
      this.#isPartitioned = false;
      world.heal();
    }
  }

  #create(acquaintance: Acquaintance): WorldNode {
    const { world, observed } = this.#stage;
    const number = world.nodes.length;
    const calls = acquaintance === 'calls';
    return world.node({
      label: `member ${number}`,
      name: CLIENTS[number % CLIENTS.length]!,
      keepsEvents: false,
      maxPeers: 3,
      protocols: [backgroundTraffic(world.clock, this.#random.fork(number))],
      ...(calls ? { port: null, staticNodes: [observed.node.enode] } : { noDial: true }),
    });
  }
}

const FATES = {
  leaves: async (crowd, member) => {
    await crowd.leave(member);
    await crowd.comeBack(member);
  },
  crashes: async (crowd, member) => {
    await crowd.crash(member);
    await crowd.comeBack(member);
  },
  isCutOff: (crowd, member) => crowd.isolate(member),
} as const satisfies Record<string, Fate>;

const FATE_NAMES = Object.keys(FATES) as (keyof typeof FATES)[];
