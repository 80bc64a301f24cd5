/**
 * The nodes around the demo node: real servers that connect, exchange messages, stop, crash, lose their network and
 * restart. Some dial the demo node, some are its static nodes, some are candidates that it dials.
 */
import type { SeededRandom } from '../testing/world/seeded-random.ts';
import type { WorldNode } from '../testing/world/world-node.ts';
import { backgroundTraffic } from './background-traffic.ts';
import { CLIENTS } from './remote-nodes.ts';
import type { SceneContext } from './scene-context.ts';

/** How a member connects with the demo node. */
type Relation = 'dialsUs' | 'static' | 'candidate';

const MEMBERS: Readonly<Record<Relation, number>> = { dialsUs: 3, static: 2, candidate: 2 };

/** Time until the next disruption of a member, in ms. */
const UPTIME_MS = { least: 30_000, most: 120_000 };

/** Time until a stopped member restarts, in ms. */
const DOWNTIME_MS = { least: 5_000, most: 20_000 };

/** Longer than the pong timeout, in ms. */
const PARTITION_MS = 35_000;

/** Between the starts of two members, in ms. */
const START_DELAY_MS = 700;

/** Time until the first static member crashes, in ms: early enough for its redial in the first minute. */
const FIRST_CRASH_MS = 9_000;

/** Between two candidates, in ms. */
const CANDIDATE_INTERVAL_MS = 4_000;

type Member = { readonly relation: Relation; node: WorldNode };

type Disruption = (population: PeerPopulation, member: Member) => Promise<void>;

export class PeerPopulation {
  readonly #context: SceneContext;
  readonly #random: SeededRandom;
  readonly #members: readonly Member[];
  #isPartitioned = false;

  constructor(context: SceneContext, random: SeededRandom) {
    this.#context = context;
    this.#random = random;
    this.#members = (Object.keys(MEMBERS) as Relation[]).flatMap((relation) =>
      Array.from({ length: MEMBERS[relation] }, () => ({
        relation,
        node: this.#create(relation),
      })),
    );
  }

  /** Runs every member until the demo ends. @returns One promise for each; it rejects with {@link DemoEnded}. */
  run(): readonly Promise<never>[] {
    return this.#members.map((member, index) =>
      this.#runMember(member, (index + 1) * START_DELAY_MS),
    );
  }

  get nodes(): readonly WorldNode[] {
    return this.#members.map(({ node }) => node);
  }

  /** Enode URLs of the candidates, in turn, without end. */
  async *candidates(): AsyncGenerator<string> {
    const urls = this.#members
      .filter(({ relation }) => relation === 'candidate')
      .map(({ node }) => node.enode);
    for (let next = 0; ; next += 1) {
      await this.#context.wait(CANDIDATE_INTERVAL_MS);
      yield urls[next % urls.length]!;
    }
  }

  async #runMember(member: Member, startsAt: number): Promise<never> {
    const { least, most } = UPTIME_MS;
    await this.#context.wait(startsAt);
    await member.node.server.start();
    if (member.relation === 'static') this.#context.server.addPeer(member.node.enode);
    if (this.#members.find(({ relation }) => relation === 'static') === member) {
      await this.#context.wait(FIRST_CRASH_MS);
      await DISRUPTIONS.crashes(this, member);
    }
    for (;;) {
      await this.#context.wait(this.#random.between(least, most));
      await DISRUPTIONS[this.#random.pick(DISRUPTION_NAMES)](this, member);
    }
  }

  async restart(member: Member): Promise<void> {
    const { world } = this.#context;
    await this.#context.wait(this.#random.between(DOWNTIME_MS.least, DOWNTIME_MS.most));
    world.nodes.splice(world.nodes.indexOf(member.node), 1); // it has stopped without leaks
    member.node = world.recreate(member.node);
    await member.node.server.start();
  }

  async leave({ node }: Member): Promise<void> {
    await node.server.stop();
  }

  /** Resets its connections before it can send a Disconnect, then stops it. */
  async crash({ node }: Member): Promise<void> {
    for (const connection of this.#context.world.tcp.connections)
      if (connection.from === node.host || connection.to === node.host)
        connection.cut('reset', 0, 'aToB');
    await this.#context.wait(0);
    await node.server.stop();
  }

  /** Separates it from all others. One member at a time: a world has one partition. */
  async partition({ node }: Member): Promise<void> {
    if (this.#isPartitioned) return;
    const { world } = this.#context;
    this.#isPartitioned = true;
    try {
      world.partition([node]);
      await this.#context.wait(PARTITION_MS);
    } finally {
      this.#isPartitioned = false;
      world.heal();
    }
  }

  #create(relation: Relation): WorldNode {
    const { world, demoNode } = this.#context;
    const number = world.nodes.length;
    const dialsUs = relation === 'dialsUs';
    return world.node({
      label: `member ${number}`,
      name: CLIENTS[number % CLIENTS.length]!,
      keepsEvents: false,
      maxPeers: 3,
      protocols: [backgroundTraffic(world.clock, this.#random.fork(number))],
      ...(dialsUs ? { port: null, staticNodes: [demoNode.node.enode] } : { noDial: true }),
    });
  }
}

const DISRUPTIONS = {
  leaves: async (population, member) => {
    await population.leave(member);
    await population.restart(member);
  },
  crashes: async (population, member) => {
    await population.crash(member);
    await population.restart(member);
  },
  losesNetwork: (population, member) => population.partition(member),
} as const satisfies Record<string, Disruption>;

const DISRUPTION_NAMES = Object.keys(DISRUPTIONS) as (keyof typeof DISRUPTIONS)[];
