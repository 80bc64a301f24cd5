/** How a world says what is wrong with it. */
import type { Violation } from './invariants.ts';

/** What is wrong with a world, in sentences. */
export class WorldError extends Error {
  override readonly name = 'WorldError';
  readonly problems: readonly string[];
  /** The invariant that was broken; null when the problem is another one. */
  readonly violation: Violation | null;

  constructor(
    seed: string | number,
    problems: readonly string[],
    violation: Violation | null = null,
  ) {
    const name = String(seed).startsWith('seed ') ? seed : `seed ${seed}`;
    super(`${name}: ${problems.join('\n')}`);
    this.problems = problems;
    this.violation = violation;
  }
}
