/**
 * Chooses the next scene: first the opening scenes, then all in random order, again and again. A scene without its
 * occurrence, because another one interfered, runs again.
 */

import type { ServerEvent } from '../api/server-events.ts';
import { TURNED_AWAY_REPORT_MS } from '../machines/listening/listener.ts';
import { RawPeerError } from '../testing/raw-peer/raw-peer-error.ts';
import type { SeededRandom } from '../testing/world/seeded-random.ts';
import { type Occurrence, occurrencesOf } from './coverage.ts';
import type { SceneContext } from './scene-context.ts';
import { COVERED, OPENING_SCENES, SCENES, type SceneName } from './scenes.ts';

/** Between two scenes, in ms. */
const GAP_MS = { least: 900, most: 1_700 };

/** Most concurrent scenes; many of them only wait. */
const MAX_SCENES = 12;

/** Most repetitions of a scene in one round. */
const MAX_REPEATS = 3;

export class SceneScheduler {
  readonly #context: SceneContext;
  readonly #random: SeededRandom;
  readonly #onError: (error: unknown) => void;
  /** The next scene is the last item. */
  #queue: SceneName[] = [...OPENING_SCENES].reverse();
  readonly #repeats = new Map<SceneName, number>();
  readonly #running = new Set<Promise<void>>();
  readonly #counts = new Map<Occurrence, number>();

  /** @param onError Gets errors that no remote caused: the end of the demo, or an internal error. */
  constructor(context: SceneContext, random: SeededRandom, onError: (error: unknown) => void) {
    this.#context = context;
    this.#random = random;
    this.#onError = onError;
    for (const type of ['drop', 'ended', 'dialFailed', 'turnedAway', 'lost', 'restored'] as const)
      context.server.on(type, (event) => {
        for (const occurrence of occurrencesOf(event as ServerEvent))
          this.#counts.set(occurrence, this.countOf(occurrence) + 1);
      });
  }

  /** Number of these occurrences so far. */
  countOf(occurrence: Occurrence): number {
    return this.#counts.get(occurrence) ?? 0;
  }

  /** Starts scenes until the demo ends. @throws {DemoEnded} */
  async run(): Promise<never> {
    for (;;) {
      const { least, most } = GAP_MS;
      await this.#context.wait(this.#random.between(least, most));
      if (this.#running.size >= MAX_SCENES) continue;
      const name = this.#next();
      const running = this.#runScene(name)
        .catch(this.#onError)
        .finally(() => this.#running.delete(running));
      this.#running.add(running);
      await this.#context.wait(SCENES[name].exclusiveMs ?? 0);
    }
  }

  /** Resolves when every running scene has ended. */
  async finished(): Promise<void> {
    await Promise.all(this.#running);
  }

  #next(): SceneName {
    if (this.#queue.length === 0) {
      this.#queue = this.#random.shuffled(COVERED);
      this.#repeats.clear();
    }
    return this.#queue.pop()!;
  }

  async #runScene(name: SceneName): Promise<void> {
    const before = this.countOf(name);
    try {
      await SCENES[name].run(this.#context);
    } catch (error) {
      if (!(error instanceof RawPeerError)) throw error; // a rejected connection can be part of the scene
    }
    await this.#context.wait(TURNED_AWAY_REPORT_MS);
    if (this.countOf(name) === before) this.#repeat(name);
  }

  #repeat(name: SceneName): void {
    const repeats = this.#repeats.get(name) ?? 0;
    if (repeats >= MAX_REPEATS) return;
    this.#repeats.set(name, repeats + 1);
    this.#queue.splice(this.#random.between(0, this.#queue.length), 0, name);
  }
}
