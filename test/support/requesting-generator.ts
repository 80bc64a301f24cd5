/** A dial generator that requests dials which no URL can express. */
import {
  type DialGenerator,
  type DialState,
  dialGenerator,
} from '../../src/machines/dialing/dial-generator.ts';
import type { DialTarget } from '../../src/machines/dialing/dial-task.ts';

/** The real generator, which wishes for nodes that are changed like this. */
export function requesting(changes: Partial<DialTarget>): DialGenerator<unknown> {
  const generator: DialGenerator<DialState> = {
    ...dialGenerator,
    newTasks: (state, moment) => {
      const plan = dialGenerator.newTasks(state, moment);
      const change = (target: DialTarget): DialTarget => ({ ...target, ...changes });
      const tasks = plan.tasks.map((wish) => ({ ...wish, target: change(wish.target) }));
      return { ...plan, tasks };
    },
  };
  return generator as DialGenerator<unknown>;
}
