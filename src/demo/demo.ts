/**
 * A small simulated network without end: one demo node, a population of real nodes, and scenes that produce every
 * possible occurrence. It runs on the clock of its world; `real-time-pacer.ts` drives that in real time.
 */
import type { Server } from '../server.ts';
import { createWorld, type World } from '../testing/world/world.ts';
import { WorldError } from '../testing/world/world-error.ts';
import type { Occurrence } from './coverage.ts';
import { createDemoNode } from './demo-node.ts';
import { PeerPopulation } from './peer-population.ts';
import { RemoteNodes } from './remote-nodes.ts';
import { DemoEnded, SceneContext } from './scene-context.ts';
import { SceneScheduler } from './scene-scheduler.ts';
import { prepareDials } from './scenes-dial.ts';

export type DemoOptions = {
  /** The same seed gives the same run. */
  readonly seed: string | number;
};

export const createDemo = (options: DemoOptions): Demo => new Demo(options);

export class Demo {
  readonly world: World;
  /** The server of the demo node. */
  readonly server: Server;
  readonly #context: SceneContext;
  readonly #population: PeerPopulation;
  readonly #scheduler: SceneScheduler;
  #tasks: readonly Promise<void>[] = [];
  /** The first internal error. */
  #error: unknown = null;

  constructor({ seed }: DemoOptions) {
    const world = createWorld({ seed, crypto: 'fast' });
    this.world = world;
    // the population needs the context, which needs the demo node
    const candidates = (): AsyncIterable<string> => this.#population.candidates();
    const demoNode = createDemoNode(world, {
      [Symbol.asyncIterator]: () => candidates()[Symbol.asyncIterator](),
    });
    this.server = demoNode.node.server;
    prepareDials(world);
    this.#context = new SceneContext({
      world,
      demoNode,
      remoteNodes: new RemoteNodes(world),
      random: world.random.fork('context'),
    });
    this.#population = new PeerPopulation(this.#context, world.random.fork('population'));
    this.#scheduler = new SceneScheduler(
      this.#context,
      world.random.fork('scheduler'),
      this.#onError,
    );
  }

  /** @throws {ServerError} */
  async start(): Promise<void> {
    await this.world.complete(this.server.start());
    const tasks = [...this.#population.run(), this.#scheduler.run()];
    this.#tasks = tasks.map((task) => task.catch(this.#onError));
  }

  /** Number of these occurrences at the demo node so far. */
  countOf(occurrence: Occurrence): number {
    return this.#scheduler.countOf(occurrence);
  }

  /** Advances its time by `ms`. @throws {WorldError} An internal error happened. */
  async run(ms: number): Promise<void> {
    await this.world.run(ms);
    this.#assertHealthy();
  }

  /** Ends the scenes and stops the demo node. Resolves only if `run` advances time meanwhile. */
  async beginStop(): Promise<void> {
    this.#context.end();
    await this.server.stop();
  }

  /** Stops all nodes and checks for leaks. @throws {WorldError} An internal error happened, or something is left. */
  async end(): Promise<void> {
    const { world } = this;
    await world.complete(this.beginStop());
    await world.complete(Promise.all([...this.#tasks, this.#scheduler.finished()]));
    await world.end();
    const { pending } = world.clock;
    if (pending > 0) throw new WorldError(world.seed, [`${pending} timers are pending`]);
    this.#assertHealthy();
  }

  readonly #onError = (error: unknown): void => {
    if (!(error instanceof DemoEnded)) this.#error ??= error;
  };

  #assertHealthy(): void {
    if (this.#error) throw this.#error;
    const { problems: faults, seed } = this.world;
    if (faults.length > 0) throw new WorldError(seed, faults);
  }
}
