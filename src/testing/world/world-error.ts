/** The error that a world throws. */
import type { Violation } from './invariants.ts';

/** Carries one sentence for each problem, and the seed of the world in its message. */
export class WorldError extends Error {
  override readonly name = 'WorldError';
  readonly problems: readonly string[];
  /** The violated invariant; null for other problems. */
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
