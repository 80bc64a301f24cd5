/** From the state in which something ended to the sentence for people. The sentences belong to the machines. */
import { wordsOf } from '../explain/end-states.ts';

/** The sentence of a state path such as `refused.tooManyPeers`; the path itself if it has none. */
export const sentenceOf = (state: string): string => wordsOf(state)?.sentence ?? state;

/** The leaf of a state path: the name of the reason. */
export function reasonOf(state: string): string {
  return state.slice(state.lastIndexOf('.') + 1);
}
