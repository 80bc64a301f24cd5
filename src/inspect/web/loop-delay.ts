/** How late the event loop is: what others wait because of whatever this process does. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

export type LoopDelay = {
  start(): void;
  stop(): void;
  /** p99 since it was asked last, in ms; 0 while it is stopped. */
  take(): number;
};

/** How often it looks, in ms: this much is in each figure, so it is taken off. */
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
