/** The sentence for the state in which something ended; the machines define the sentences. */
import { reasonTextOf } from '../explain/end-states.ts';

/** The sentence of a state path such as `refused.tooManyPeers`; the path itself if it has none. */
export const sentenceOf = (state: string): string => reasonTextOf(state)?.sentence ?? state;

/** The leaf of a state path: the name of the reason. */
export function reasonOf(state: string): string {
  return state.slice(state.lastIndexOf('.') + 1);
}
