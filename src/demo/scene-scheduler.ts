/**
 * Says which scene is next: first those of the opening, then all in an order drawn from the seed, again and again.
 * One that was disturbed, so that nothing came of it, is played once more.
 */

import type { ServerEvent } from '../api/server-events.ts';
import { TURNED_AWAY_REPORT_MS } from '../machines/listening/listener.ts';
import { RawPeerError } from '../testing/raw-peer/raw-peer-error.ts';
import type { SeededRandom } from '../testing/world/seeded-random.ts';
import { type Occurrence, occurrencesOf } from './coverage.ts';
import { OPENING, SCENES, type SceneName, SHOWN } from './scenes.ts';
import type { Stage } from './stage.ts';

/** From one scene to the next, in ms. */
const GAP_MS = { least: 900, most: 1_700 };

/** Scenes at once: many of them only wait. */
const MAX_SCENES = 12;

/** Times that a scene is played once more before its turn. */
const MAX_REPEATS = 3;

export class SceneScheduler {
  readonly #stage: Stage;
  readonly #random: SeededRandom;
  readonly #onFault: (error: unknown) => void;
  /** Scenes to come, the next one last. */
  #deck: SceneName[] = [...OPENING].reverse();
  readonly #repeats = new Map<SceneName, number>();
  readonly #playing = new Set<Promise<void>>();
  readonly #counts = new Map<Occurrence, number>();

  /** @param onFault Hears what ends a scene that is no remote's doing: the end of the demo, or a mistake of ours. */
  constructor(stage: Stage, random: SeededRandom, onFault: (error: unknown) => void) {
    this.#stage = stage;
    this.#random = random;
    this.#onFault = onFault;
    for (const type of ['drop', 'ended', 'dialFailed', 'turnedAway', 'lost', 'restored'] as const)
      stage.server.on(type, (event) => {
        for (const happening of occurrencesOf(event as ServerEvent))
          this.#counts.set(happening, this.countOf(happening) + 1);
      });
  }

  /** How often it happened so far. */
  countOf(happening: Occurrence): number {
    return this.#counts.get(happening) ?? 0;
  }

  /** Until the stage is closed. */
  async direct(): Promise<never> {
    for (;;) {
      const { least, most } = GAP_MS;
      await this.#stage.wait(this.#random.between(least, most));
      if (this.#playing.size >= MAX_SCENES) continue;
      const name = this.#next();
      const playing = this.#play(name)
        .catch(this.#onFault)
        .finally(() => this.#playing.delete(playing));
      this.#playing.add(playing);
      await this.#stage.wait(SCENES[name].aloneMs ?? 0);
    }
  }

  /** Every scene that is played now has come to its end. */
  async over(): Promise<void> {
    await Promise.all(this.#playing);
  }

  #next(): SceneName {
    if (this.#deck.length === 0) {
      this.#deck = this.#random.shuffled(SHOWN);
      this.#repeats.clear();
    }
    return this.#deck.pop()!;
  }

  async #play(name: SceneName): Promise<void> {
    const before = this.countOf(name);
    try {
      await SCENES[name].play(this.#stage);
    } catch (error) {
      if (!(error instanceof RawPeerError)) throw error; // whom nobody lets in is part of the play
    }
    await this.#stage.wait(TURNED_AWAY_REPORT_MS);
    if (this.countOf(name) === before) this.#repeat(name);
  }

  #repeat(name: SceneName): void {
    const repeats = this.#repeats.get(name) ?? 0;
    if (repeats >= MAX_REPEATS) return;
    this.#repeats.set(name, repeats + 1);
    this.#deck.splice(this.#random.between(0, this.#deck.length), 0, name);
  }
}
