/** A demo without population: one scene at a time, and the events of the demo node. */

import type { ServerEvent } from '../../src/api/server-events.ts';
import { type Occurrence, occurrencesOf } from '../../src/demo/coverage.ts';
import { createDemoNode, type DemoNode } from '../../src/demo/demo-node.ts';
import { RemoteNodes } from '../../src/demo/remote-nodes.ts';
import type { Scene } from '../../src/demo/scene.ts';
import { SceneContext } from '../../src/demo/scene-context.ts';
import { prepareDials } from '../../src/demo/scenes-dial.ts';
import { createWorld, type World } from '../../src/testing/world/world.ts';

export class DemoContext {
  readonly world: World;
  readonly demoNode: DemoNode;
  readonly remoteNodes: RemoteNodes;
  readonly context: SceneContext;
  /** The events of the demo node, in order. */
  readonly events: ServerEvent[] = [];

  constructor(seed: string | number = 1) {
    this.world = createWorld({ seed, crypto: 'fast' });
    this.demoNode = createDemoNode(this.world, noCandidates());
    this.remoteNodes = new RemoteNodes(this.world);
    prepareDials(this.world);
    const random = this.world.random.fork('context');
    const { world, demoNode, remoteNodes } = this;
    this.context = new SceneContext({ world, demoNode, remoteNodes, random });
    for (const type of [
      'add',
      'drop',
      'ended',
      'dialFailed',
      'turnedAway',
      'lost',
      'restored',
    ] as const)
      demoNode.node.server.on(type, (event) => void this.events.push(event as ServerEvent));
  }

  get occurrences(): readonly Occurrence[] {
    return this.events.flatMap(occurrencesOf);
  }

  async start(): Promise<this> {
    await this.world.start(this.demoNode.node);
    return this;
  }

  /** Runs a scene to its end. @returns What it threw, or null. */
  async runScene({ run }: Pick<Scene, 'run'>): Promise<unknown> {
    return this.world.complete(
      run(this.context).then(
        () => null,
        (error: unknown) => error,
      ),
    );
  }

  /** Ends the demo and checks for leaks. */
  async end(): Promise<void> {
    this.context.end();
    await this.world.end();
  }
}

async function* noCandidates(): AsyncGenerator<string> {}
