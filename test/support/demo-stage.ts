/** A stage of the demo without a population: one scene at a time, and what the demo node reports. */

import type { ServerEvent } from '../../src/api/server-events.ts';
import { type Occurrence, occurrencesOf } from '../../src/demo/coverage.ts';
import { createDemoNode, type DemoNode } from '../../src/demo/demo-node.ts';
import { RemoteNodes } from '../../src/demo/remote-nodes.ts';
import type { Scene } from '../../src/demo/scene.ts';
import { prepareDials } from '../../src/demo/scenes-dial.ts';
import { Stage } from '../../src/demo/stage.ts';
import { createWorld, type World } from '../../src/testing/world/world.ts';

export class DemoStage {
  readonly world: World;
  readonly observed: DemoNode;
  readonly strangers: RemoteNodes;
  readonly stage: Stage;
  /** What the observed node told, in order. */
  readonly events: ServerEvent[] = [];

  constructor(seed: string | number = 1) {
    this.world = createWorld({ seed, crypto: 'fast' });
    this.observed = createDemoNode(this.world, nobody());
    this.strangers = new RemoteNodes(this.world);
    prepareDials(this.world);
    const random = this.world.random.fork('stage');
    const { world, observed, strangers } = this;
    this.stage = new Stage({ world, observed, strangers, random });
    for (const type of [
      'add',
      'drop',
      'ended',
      'dialFailed',
      'turnedAway',
      'lost',
      'restored',
    ] as const)
      observed.node.server.on(type, (event) => void this.events.push(event as ServerEvent));
  }

  get happened(): readonly Occurrence[] {
    return this.events.flatMap(occurrencesOf);
  }

  async start(): Promise<this> {
    await this.world.start(this.observed.node);
    return this;
  }

  /** Runs a scene to its end. @returns what it threw. */
  async play({ play }: Pick<Scene, 'play'>): Promise<unknown> {
    return this.world.complete(
      play(this.stage).then(
        () => null,
        (error: unknown) => error,
      ),
    );
  }

  /** Nothing is left, of anything. */
  async end(): Promise<void> {
    this.stage.close();
    await this.world.end();
  }
}

async function* nobody(): AsyncGenerator<string> {}
