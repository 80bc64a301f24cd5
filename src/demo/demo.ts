/**
 * A small network that goes on for ever: one observed node, a crowd of real ones, and scenes in which everything
 * happens to it that can. It knows no time but that of its world; `pace.ts` lets the time of the wall drive it.
 */
import type { Server } from '../server.ts';
import { createWorld, type World } from '../testing/world/world.ts';
import { WorldError } from '../testing/world/world-error.ts';
import type { Occurrence } from './coverage.ts';
import { createDemoNode } from './demo-node.ts';
import { PeerPopulation } from './peer-population.ts';
import { RemoteNodes } from './remote-nodes.ts';
import { SceneScheduler } from './scene-scheduler.ts';
import { prepareDials } from './scenes-dial.ts';
import { Stage, StageClosed } from './stage.ts';

export type DemoOptions = {
  /** The same seed is the same run. */
  readonly seed: string | number;
};

export const createDemo = (options: DemoOptions): Demo => new Demo(options);

export class Demo {
  readonly world: World;
  /** The observed node. */
  readonly server: Server;
  readonly #stage: Stage;
  readonly #crowd: PeerPopulation;
  readonly #director: SceneScheduler;
  #lives: readonly Promise<void>[] = [];
  /** The first mistake of ours. */
  #fault: unknown = null;

  constructor({ seed }: DemoOptions) {
    const world = createWorld({ seed, crypto: 'fast' });
    this.world = world;
    const finding = (): AsyncIterable<string> => this.#crowd.found();
    const observed = createDemoNode(world, {
      [Symbol.asyncIterator]: () => finding()[Symbol.asyncIterator](),
    });
    this.server = observed.node.server;
    prepareDials(world);
    this.#stage = new Stage({
      world,
      observed,
      strangers: new RemoteNodes(world),
      random: world.random.fork('stage'),
    });
    this.#crowd = new PeerPopulation(this.#stage, world.random.fork('crowd'));
    this.#director = new SceneScheduler(this.#stage, world.random.fork('director'), this.#note);
  }

  /** @throws {ServerError} */
  async start(): Promise<void> {
    await this.world.complete(this.server.start());
    const lives = [...this.#crowd.lives(), this.#director.direct()];
    this.#lives = lives.map((life) => life.catch(this.#note));
  }

  /** How often that happened to the observed node so far. */
  countOf(happening: Occurrence): number {
    return this.#director.countOf(happening);
  }

  /** Lets `ms` of its time pass. @throws {WorldError} Something went wrong that should not. */
  async run(ms: number): Promise<void> {
    await this.world.run(ms);
    this.#assertHealthy();
  }

  /** Begins the end: no more scenes, and the observed node says goodbye; somebody has to let time pass for that. */
  async leave(): Promise<void> {
    this.#stage.close();
    await this.server.stop();
  }

  /** Stops everybody, and looks at what is left. @throws {WorldError} Something went wrong, or is left. */
  async end(): Promise<void> {
    const { world } = this;
    await world.complete(this.leave());
    await world.complete(Promise.all([...this.#lives, this.#director.over()]));
    await world.end();
    const { pending } = world.clock;
    if (pending > 0) throw new WorldError(world.seed, [`${pending} timers wait`]);
    this.#assertHealthy();
  }

  readonly #note = (error: unknown): void => {
    if (!(error instanceof StageClosed)) this.#fault ??= error;
  };

  #assertHealthy(): void {
    if (this.#fault) throw this.#fault;
    const { problems: faults, seed } = this.world;
    if (faults.length > 0) throw new WorldError(seed, faults);
  }
}
