/** A FairMix with sources that the test drives. */
import { FairMix } from '../../src/io/discovery/fair-mix.ts';
import { StepClock } from './step-clock.ts';
import { turns } from './turn.ts';

export const turn = () => turns(3);

export const WAIT_MS = 100;

type Answer = {
  readonly resolve: (result: IteratorResult<string>) => void;
  readonly reject: (error: unknown) => void;
};

/** A source whose items the test gives, by the number of its reads. */
export class HandSource implements AsyncIterable<string> {
  reads = 0;
  isEnded = false;
  #answer: Answer | null = null;

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return {
      next: () => {
        this.reads += 1;
        return new Promise((resolve, reject) => {
          this.#answer = { resolve, reject };
        });
      },
      return: async () => {
        this.isEnded = true;
        return { done: true, value: undefined };
      },
    };
  }

  async give(value: string): Promise<void> {
    this.#answer?.resolve({ done: false, value });
    await turn();
  }

  async end(): Promise<void> {
    this.#answer?.resolve({ done: true, value: undefined });
    await turn();
  }

  async fail(): Promise<void> {
    this.#answer?.reject(new Error('gone'));
    await turn();
  }
}

export async function* endless(name: string): AsyncGenerator<string> {
  for (let number = 0; ; number += 1) yield `${name}${number}`;
}

export function mixOf(
  waitMs: number,
  sources: Readonly<Record<string, AsyncIterable<string>>> = {},
) {
  const clock = new StepClock();
  const ended: [string, unknown][] = [];
  const mix = new FairMix<string>({
    clock,
    waitMs,
    onSourceEnded: (name, error) => ended.push([name, error]),
  });
  for (const [name, source] of Object.entries(sources)) mix.add(name, source);
  /** Wants an item; `got()` is what came, undefined as long as nothing did. */
  const want = async () => {
    let result: IteratorResult<string> | undefined;
    void mix.next().then((given) => {
      result = given;
    });
    await turn();
    return { got: () => result?.value as string | undefined, isDone: () => result?.done };
  };
  const take = async (count: number) => {
    const items: string[] = [];
    for (let left = count; left > 0; left -= 1) items.push((await mix.next()).value);
    return items;
  };
  return { clock, ended, mix, want, take };
}

export const step = async (clock: StepClock, ms: number) => {
  clock.advance(ms);
  await turn();
};
