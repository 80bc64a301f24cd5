/** How far something long is: a bar on a terminal, a line now and then elsewhere. */
import type { Clock } from '../io/process/clock.ts';
import type { CrawlCounts } from './crawler.ts';

/** Characters of the bar. */
const BAR_CHARS = 24;

/** Longest time between two lines where there is no terminal, and between two bars, in ms. */
export const LINE_EVERY_MS = 5_000;
export const BAR_EVERY_MS = 200;

/** Takes the cursor to the beginning of the line, and clears it. */
const CLEAR = '\r\u001b[K';

export function progressLine({ known, asked, answered }: CrawlCounts, seconds: number): string {
  const shown = [asked, known, answered].map((count) => count.toLocaleString('en-US'));
  return `${shown[0]} of ${shown[1]} nodes asked, ${shown[2]} answer, ${Math.round(seconds)} s`;
}

/** It goes back when a node names many new ones. */
export function progressBar(counts: CrawlCounts, seconds: number): string {
  const share = counts.known === 0 ? 0 : counts.asked / counts.known;
  const full = Math.round(share * BAR_CHARS);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_CHARS - full);
  return `${CLEAR}${bar} ${progressLine(counts, seconds)}`;
}

export const NO_BAR = CLEAR;

/** @returns Ends it. */
export function every(ms: number, clock: Clock, run: () => void): () => void {
  let timer: unknown;
  const again = (): void => {
    timer = clock.setTimeout(() => {
      run();
      again();
    }, ms);
  };
  again();
  return () => clock.clearTimeout(timer);
}
