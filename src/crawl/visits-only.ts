/** Decides which nodes a crawl dials: those that are visited, each once; no bootnodes, and nothing that discovery found. */
import type { DialGenerator } from '../machines/dialing/dial-generator.ts';
import { type DialState, dialGenerator } from '../machines/dialing/dial-generator.ts';

export const visitsOnly: DialGenerator<DialState> = {
  ...dialGenerator,
  /** A node that does not answer is not looked for elsewhere: that would take a minute. */
  begin: (input) => dialGenerator.begin({ ...input, rules: { ...input.rules, canResolve: false } }),
  newTasks(state, situation) {
    const slots = { ...situation.slots, dynamic: 0 };
    const plan = dialGenerator.newTasks(state, { ...situation, slots, isFallback: false });
    return { ...plan, candidate: 'none' };
  },
  mayDial: ({ statics }) => statics.size > 0,
};
