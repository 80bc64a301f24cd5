/**
 * A crawl by several threads of this process, which share the queue and the results of the main thread. Each thread has a crawl
 * of its own, with its own server. A thread that is lost, or hangs, gives its tasks back; the others go on.
 */
import { type Clock, systemClock } from '../io/process/clock.ts';
import { Deadline } from '../io/process/deadline.ts';
import { thrownText } from '../io/process/thrown.ts';
import type { CrawlOutput } from '../machines/crawl/crawl.ts';
import type { CrawlQueue, CrawlTask } from './crawl-queue.ts';
import type { CrawlProgress } from './crawler.ts';
import type { ThreadAnswer, ThreadChannel, ThreadRequest, ThreadTask } from './thread-calls.ts';
import type { CrawlResults, VisitRecord } from './visit-record.ts';

/** Longest wait of one `take` while other threads visit nodes, in ms. Ours: less than the chart of a crawl waits for its queue. */
const SHARED_TAKE_MS = 45_000;

/** A thread that has not ended this long after it was asked to is ended, in ms. Ours: more than a crawl takes to drain. */
const STOP_MS = 20_000;

/**
 * Longest silence of a thread, in ms; then it hangs. Ours: more than the chart of a crawl waits for the end of a visit and
 * drains afterwards.
 */
const SILENCE_MS = 210_000;

/** What is used of a worker. */
export type CrawlThread = ThreadChannel & {
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'exit', listener: () => void): unknown;
  terminate(): Promise<unknown>;
};

/** What a thread says besides its calls: how its crawl ended, and how much of its heap it used then. */
export type ThreadEnd = {
  readonly type: 'ended';
  readonly output: CrawlOutput;
  readonly heapBytes: number;
};

/** To a thread: ends its crawl. */
export const THREAD_STOP = { type: 'stop' } as const;

export type CrawlThreadsOptions = {
  /** Starts each. */
  readonly threads: readonly (() => CrawlThread)[];
  /** Closed at the end, the queue last. */
  readonly queue: CrawlQueue;
  readonly results: CrawlResults;
  readonly clock?: Clock;
  readonly onRecord?: (record: VisitRecord) => void;
};

export type CrawlThreadsOutput = CrawlOutput & {
  /** Sentences about the threads that were lost. */
  readonly lost: readonly string[];
  /** Heap of each thread at its end, in bytes. */
  readonly heapBytes: readonly number[];
};

export class CrawlThreads {
  /** How it ended. Never rejects. */
  readonly ended: Promise<CrawlThreadsOutput>;
  readonly #options: CrawlThreadsOptions;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #running = new Set<CrawlThread>();
  /** Tasks under way, of all threads. */
  #visiting = 0;
  /** Called when there may be a task, or none is under way any more. */
  readonly #waiting = new Set<() => void>();
  readonly #counts = {
    ...{ added: 0, full: 0, known: 0, visited: 0, returned: 0 },
    ...{ accepted: 0, rejected: 0, refused: 0, failed: 0 },
  };

  /** Begins at once. */
  constructor(options: CrawlThreadsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.ended = this.#run();
  }

  get progress(): CrawlProgress {
    const { known: _, ...counts } = this.#counts;
    return { ...counts, visiting: this.#visiting };
  }

  /** Nodes that are being visited stay in the queue. */
  stop(): void {
    this.#closing.abort();
    for (const thread of this.#running) thread.postMessage(THREAD_STOP);
    const timer = this.#clock.setTimeout(() => {
      for (const thread of this.#running) void thread.terminate();
    }, STOP_MS);
    void this.ended.then(() => this.#clock.clearTimeout(timer));
  }

  async #run(): Promise<CrawlThreadsOutput> {
    const { threads, queue, results } = this.#options;
    const ends = await Promise.all(threads.map((start) => this.#runThread(start())));
    const closings = await Promise.allSettled([results.close().finally(() => queue.close())]);
    const outputs = ends.flatMap((end) => (typeof end === 'string' ? [] : [end.output]));
    const lost = ends.filter((end) => typeof end === 'string');
    const unclosed = closings.find(({ status }) => status === 'rejected');
    return {
      ...combined(outputs, lost),
      ...(unclosed?.status === 'rejected' && {
        outcome: 'failed' as const,
        failure: { part: 'results' as const, message: sentenceOf(unclosed.reason) },
      }),
      visited: this.#counts.visited,
      lost,
      heapBytes: ends.flatMap((end) => (typeof end === 'string' ? [] : [end.heapBytes])),
    };
  }

  /** How it ended; a sentence when it was lost. What it had taken is given back. */
  async #runThread(thread: CrawlThread): Promise<ThreadEnd | string> {
    /** Taken and not ended, by the number of the call. */
    const tasks = new Map<number, CrawlTask>();
    let isOver = false;
    let silence: Deadline | undefined;
    this.#running.add(thread);
    const end = await new Promise<ThreadEnd | string>((resolve) => {
      silence = new Deadline(this.#clock, SILENCE_MS, () =>
        resolve(`it said nothing for ${SILENCE_MS / 1_000} s`),
      );
      silence.arm();
      thread.on('message', (message) => {
        silence?.arm();
        const said = message as ThreadRequest | ThreadEnd;
        if (said.type === 'ended') resolve(said);
        else if (said.type === 'call')
          void this.#answer(said, tasks, () => isOver).then((answer) => {
            if (!isOver) thread.postMessage(answer);
          });
      });
      thread.on('error', (error) => resolve(sentenceOf(error)));
      thread.on('exit', () => resolve('it ended before its crawl did'));
    });
    isOver = true;
    silence?.disarm();
    this.#running.delete(thread);
    await thread.terminate();
    for (const [number, task] of [...tasks]) {
      this.#end(number, tasks);
      this.#counts.returned += 1;
      await task.retry().catch(() => {}); // a queue that fails has failed the other threads, too
    }
    this.#wake();
    return end;
  }

  async #answer(
    request: ThreadRequest,
    tasks: Map<number, CrawlTask>,
    isOver: () => boolean,
  ): Promise<ThreadAnswer> {
    const { number } = request;
    try {
      return { type: 'answer', number, value: await this.#carryOut(request, tasks, isOver) };
    } catch (error) {
      return { type: 'answer', number, error: sentenceOf(error) };
    }
  }

  async #carryOut(
    request: ThreadRequest,
    tasks: Map<number, CrawlTask>,
    isOver: () => boolean,
  ): Promise<unknown> {
    const { queue, results, onRecord } = this.#options;
    switch (request.call) {
      case 'offer': {
        const result = await queue.offer(request.node);
        this.#counts[result] += 1;
        if (result === 'added') this.#wake();
        return result;
      }
      case 'take': {
        const task = await this.#take();
        if (!task) return null;
        if (isOver()) return task.retry();
        tasks.set(request.number, task);
        this.#visiting += 1;
        const { node, firstSeen } = task;
        return { node, firstSeen } satisfies ThreadTask;
      }
      case 'write':
        await results.write(request.record);
        this.#counts.visited += 1;
        this.#counts[request.record.outcome] += 1;
        return onRecord?.(request.record);
      case 'extend':
        return tasks.get(request.task)?.extend();
      case 'ack':
        await tasks.get(request.task)?.ack();
        return this.#end(request.task, tasks);
      case 'retry':
        this.#counts.returned += 1;
        await tasks.get(request.task)?.retry();
        return this.#end(request.task, tasks);
    }
  }

  /** Null when no node waits and no thread visits one; a thread that is lost gives its nodes back. */
  async #take(): Promise<CrawlTask | null> {
    const { signal } = this.#closing;
    const endsAt = this.#clock.now() + SHARED_TAKE_MS;
    while (!signal.aborted) {
      const task = await this.#options.queue.take(signal);
      const left = endsAt - this.#clock.now();
      if (task || this.#visiting === 0 || left <= 0) return task;
      await this.#change(left);
    }
    return null;
  }

  /** Resolves with the next change of the tasks, with the end, or after a time. */
  #change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#clock.clearTimeout(timer);
        this.#waiting.delete(end);
        this.#closing.signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = this.#clock.setTimeout(end, ms);
      this.#waiting.add(end);
      this.#closing.signal.addEventListener('abort', end);
    });
  }

  #end(number: number, tasks: Map<number, CrawlTask>): void {
    if (!tasks.delete(number)) return;
    this.#visiting -= 1;
    this.#wake();
  }

  #wake(): void {
    for (const end of [...this.#waiting]) end();
  }
}

const sentenceOf = (error: unknown): string =>
  error instanceof Error ? error.message : thrownText(error);

/** The worst that a thread says; a crawl of which a thread is left is not failed by those that were lost. */
function combined(outputs: readonly CrawlOutput[], lost: readonly string[]): CrawlOutput {
  for (const outcome of ['failed', 'stopped', 'timeLimit', 'finished'] as const) {
    const output = outputs.find((one) => one.outcome === outcome);
    if (output) return output;
  }
  return {
    outcome: 'failed',
    visited: 0,
    failure: { part: 'internal', message: lost[0] ?? 'no thread' },
  };
}
