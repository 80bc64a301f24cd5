/** One target for some time: mutates what it has, keeps what reaches a new block of `src/`, and stops at the first few breaks. */
import { BlockCoverage } from './block-coverage.ts';
import { Chance } from './chance.ts';
import { readInputs } from './corpus.ts';
import { mutate } from './mutator.ts';
import type { Target } from './target.ts';
import { settledHeap, UNWATCHED, Watchdog } from './watchdog.ts';

/** How long inputs run before it is asked how late it is, in ms. */
const BATCH_MS = 20;
const MAX_BATCH = 256;

/** A target that is broken is not worth more. */
const MAX_CRASHES = 10;

/** Before this many executions memory still grows: code is compiled, caches fill. */
const WARM_UP = 200;

type Crash = { readonly input: Uint8Array; readonly why: string };

export type Report = {
  readonly target: string;
  executions: number;
  seconds: number;
  /** Inputs in the corpus, and blocks of `src/` they reach. */
  corpus: number;
  blocks: number;
  slowestMs: number;
  /** Most that the result of one input held, as far as it was worth measuring. */
  mostKeptBytes: number;
  /** What one execution leaves behind in the end, after garbage collection. */
  leftBytesPerExecution: number;
  readonly crashes: Crash[];
};

export type Hooks = {
  /** Told of each input right before it is tried. */
  readonly onInput: (input: Uint8Array) => void;
  readonly now: () => number;
};

export class Campaign {
  readonly report: Report;
  readonly #target: Target;
  readonly #watchdog: Watchdog;
  readonly #coverage: BlockCoverage;
  readonly #chance: Chance;
  readonly #hooks: Hooks;
  readonly #inputs: Uint8Array[] = [];

  constructor(target: Target, coverage: BlockCoverage, seed: number, hooks: Hooks) {
    this.#target = target;
    this.#watchdog = new Watchdog(target);
    this.#coverage = coverage;
    this.#chance = new Chance(seed);
    this.#hooks = hooks;
    this.report = {
      target: target.name,
      executions: 0,
      seconds: 0,
      corpus: 0,
      blocks: 0,
      slowestMs: 0,
      mostKeptBytes: 0,
      leftBytesPerExecution: 0,
      crashes: [],
    };
  }

  /** The corpus at the end: the shortest way to each thing that was reached. */
  get inputs(): readonly Uint8Array[] {
    return this.#inputs;
  }

  async run(ms: number): Promise<Report> {
    const begun = this.#hooks.now();
    await this.#begin();
    let heap = 0;
    let warmAt = 0;
    while (this.#hooks.now() - begun < ms && this.report.crashes.length < MAX_CRASHES) {
      await this.#batch();
      if (warmAt > 0 || this.report.executions < WARM_UP) continue;
      warmAt = this.report.executions;
      heap = await settledHeap();
    }
    const since = this.report.executions - warmAt;
    this.report.leftBytesPerExecution = since > 0 ? ((await settledHeap()) - heap) / since : 0;
    this.report.seconds = (this.#hooks.now() - begun) / 1000;
    this.report.blocks = this.#coverage.blocks;
    await this.#tidy();
    this.report.corpus = this.#inputs.length;
    await this.#target.close?.();
    return this.report;
  }

  /** Of what was kept earlier, only what still adds something. */
  async #begin(): Promise<void> {
    this.#inputs.push(...(await this.#target.seeds()));
    const kept = [...readInputs(this.#target, 'crashers'), ...readInputs(this.#target, 'corpus')];
    this.#coverage.forget();
    for (const input of [...this.#inputs]) await this.#try(input);
    for (const input of kept.sort((a, b) => a.length - b.length)) await this.#try(input);
  }

  async #batch(): Promise<void> {
    const end = this.#hooks.now() + BATCH_MS;
    for (let left = MAX_BATCH; left > 0 && this.#hooks.now() < end; left -= 1)
      await this.#try(this.#mutant());
  }

  /** Keeps the shortest input for each thing that is reached. */
  async #tidy(): Promise<void> {
    const coverage = new BlockCoverage();
    const kept: Uint8Array[] = [];
    for (const input of this.#inputs.sort((a, b) => a.length - b.length)) {
      coverage.forget();
      try {
        await this.#target.run(input, UNWATCHED);
      } catch {
        continue; // a crasher, which is kept elsewhere
      }
      if (coverage.take()) kept.push(input);
    }
    this.#inputs.splice(0, Number.POSITIVE_INFINITY, ...kept);
  }

  #mutant(): Uint8Array {
    const { maxBytes, words = [], isRlp = false } = this.#target;
    const mutation = {
      chance: this.#chance,
      maxBytes,
      words,
      isRlp,
      other: this.#chance.pick(this.#inputs),
    };
    return mutate(this.#chance.pick(this.#inputs), mutation);
  }

  async #try(input: Uint8Array): Promise<void> {
    this.#hooks.onInput(input);
    this.report.executions += 1;
    try {
      const { ms, keptBytes } = await this.#watchdog.try(input);
      this.report.slowestMs = Math.max(this.report.slowestMs, ms);
      this.report.mostKeptBytes = Math.max(this.report.mostKeptBytes, keptBytes);
    } catch (error) {
      this.report.crashes.push({ input, why: error instanceof Error ? error.message : `${error}` });
    }
    if (this.#coverage.take() && !this.#inputs.includes(input)) this.#inputs.push(input);
  }
}
