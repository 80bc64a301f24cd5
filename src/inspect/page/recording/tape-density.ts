/** Activity over the time of a recording: the strip above its time bar. */
import type { Tape } from './tape.ts';

export type Density = {
  /** Steps in each of the equal parts of the time. */
  readonly steps: readonly number[];
  readonly endings: readonly number[];
};

export function densityOf(tape: Tape, parts: number): Density {
  const steps = new Array<number>(parts).fill(0);
  const endings = new Array<number>(parts).fill(0);
  const scale = tape.duration > 0 ? parts / tape.duration : 0;
  for (let index = 0; index < tape.length; index += 1) {
    const part = Math.min(parts - 1, Math.floor(tape.at(index) * scale));
    if (tape.isStep(index)) steps[part]! += 1;
    else if (tape.isEnding(index)) endings[part]! += 1;
  }
  return { steps, endings };
}
