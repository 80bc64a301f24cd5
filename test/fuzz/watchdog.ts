/**
 * What one input costs in time and in memory. Noise does not count: an input over a limit is measured again, by the
 * time of its own thread, and the least counts. An input that never ends is left to the fuzzer's caller.
 */
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { Target, Watch } from './target.ts';

/** Source: security goals, "0 hangs > 50 ms". */
export const MAX_INPUT_MS = 50;

/** Source: security goals, "heap growth per input ≤ 4 × input + 64 KiB". */
const HEAP_FACTOR = 4;
const HEAP_SLACK_BYTES = 64 * 1024;

/** Times an input that seems slow is measured; other processes of the machine may have had their turn. */
const MEASUREMENTS = 6;

/** Times an input is measured that seems to keep too much. */
const COLLECTIONS = 12;

/**
 * Garbage collection costs as much as a thousand inputs, and what an input allocates is mostly garbage. So of those that
 * allocate more than they may keep, the ones that allocate more than any before are collected for, and every so many.
 */
const COLLECT_EVERY = 512;
const RECORD_FACTOR = 1.1;

export type Cost = {
  readonly ms: number;
  /** Bytes the result holds after garbage collection; 0 unless they were worth a look. */
  readonly keptBytes: number;
};

export class Watchdog {
  readonly #target: Target;
  #suspects = 0;
  #mostAllocated = 0;

  constructor(target: Target) {
    this.#target = target;
  }

  /** Tries one input. @throws what the target throws, or that it was too slow or kept too much. */
  async try(input: Uint8Array): Promise<Cost> {
    const target = this.#target;
    const heapBefore = usedBytes();
    const watch = new Stopwatch(() => performance.now());
    const running = target.run(input, watch);
    if (running instanceof Promise) await running;
    const ms = watch.ms();
    const allocated = usedBytes() - heapBefore;

    const limit = HEAP_FACTOR * input.length + HEAP_SLACK_BYTES + (target.extraBytes?.(input) ?? 0);
    const least = ms > MAX_INPUT_MS ? await leastTime(target, input, ms) : ms;
    if (least > MAX_INPUT_MS) throw new Error(`slow: ${least.toFixed(1)} > ${MAX_INPUT_MS} ms`);
    const isWorthIt = allocated > limit && this.#isWorthCollecting(allocated);
    const keptBytes = isWorthIt ? await keptBy(target, input, limit) : 0;
    if (keptBytes > limit) throw new Error(`large: ${keptBytes} > ${limit} bytes kept`);
    return { ms: least, keptBytes };
  }

  #isWorthCollecting(allocated: number): boolean {
    this.#suspects += 1;
    const isRecord = allocated > RECORD_FACTOR * this.#mostAllocated;
    if (isRecord) this.#mostAllocated = allocated;
    return isRecord || this.#suspects % COLLECT_EVERY === 0;
  }
}

async function leastTime(target: Target, input: Uint8Array, first: number): Promise<number> {
  let least = first;
  for (let left = MEASUREMENTS; left > 0 && least > MAX_INPUT_MS; left -= 1) {
    const watch = new Stopwatch(threadMs);
    await target.run(input, watch);
    least = Math.min(least, watch.ms());
  }
  return least;
}

/** For a run whose time does not matter. */
export const UNWATCHED: Watch = { begin: () => {}, end: () => {} };

class Stopwatch implements Watch {
  readonly #now: () => number;
  #begun: number;
  #ended: number | null = null;

  constructor(now: () => number) {
    this.#now = now;
    this.#begun = now();
  }

  begin(): void {
    this.#begun = this.#now();
  }

  end(): void {
    this.#ended = this.#now();
  }

  ms(): number {
    return (this.#ended ?? this.#now()) - this.#begun;
  }
}

/** Time this thread was given by the system, where it says so: Linux, proc(5). Elsewhere the time that passed. */
export function threadMs(): number {
  try {
    const [onCpuNs] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
    return Number(onCpuNs) / 1e6;
  } catch {
    return performance.now();
  }
}

/** What is really kept is kept each time; a run that keeps more may also have compiled, or filled a cache. */
async function keptBy(target: Target, input: Uint8Array, limit: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let left = COLLECTIONS; left > 0 && least > limit; left -= 1)
    least = Math.min(least, await keptOnce(target, input));
  return least;
}

/** A function of its own, so that nothing of the last measurement is still on the stack. */
async function keptOnce(target: Target, input: Uint8Array): Promise<number> {
  const before = await settledHeap();
  const held = [await target.run(input, UNWATCHED)];
  const kept = (await settledHeap()) - before;
  held.length = 0;
  return kept;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use once all that can go is gone: the first collection finds it, a turn later Node lets go, the second sweeps. */
export async function settledHeap(): Promise<number> {
  collectGarbage();
  await setImmediate();
  collectGarbage();
  return usedBytes();
}

/** On the heap, and behind the buffers on it. */
function usedBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
