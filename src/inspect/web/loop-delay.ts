/** The delay of the event loop: how long a due timer waits for other work of this process. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

export type LoopDelay = {
  start(): void;
  stop(): void;
  /** p99 since the last call, in ms; 0 while it is stopped. */
  take(): number;
};

/** Interval of the measurement, in ms. It is part of each sample, so it is subtracted. */
const RESOLUTION_MS = 10;

const NS_PER_MS = 1e6;

export function loopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  return {
    start: () => void histogram.enable(),
    stop: () => {
      histogram.disable();
      histogram.reset();
    },
    take: () => {
      const late = histogram.count === 0 ? 0 : histogram.percentile(99) / NS_PER_MS - RESOLUTION_MS;
      histogram.reset();
      return Math.max(0, late);
    },
  };
}
