/** From the state in which something ended to the sentence for people. The sentences belong to the machines. */
import { FAILURES, REFUSALS, REJECTIONS } from '../machines/connection-endings.ts';
import { DIAL_FAILURES } from '../machines/dial-task.ts';
import { BROKEN_ENDINGS, OUR_ENDINGS, THEIR_ENDINGS } from '../machines/peer-endings.ts';

/** Every table of reasons by the state above its leaves; a dial ends in states of the first level. */
const TABLES = new Map<string, Readonly<Record<string, { readonly sentence: string }>>>([
  ['', DIAL_FAILURES],
  ['rejected', REJECTIONS],
  ['refused', REFUSALS],
  ['failed', FAILURES],
  ['ending.ours', OUR_ENDINGS],
  ['ending.theirs', THEIR_ENDINGS],
  ['ending.failed', BROKEN_ENDINGS],
]);

/** The sentence of a state path such as `refused.tooManyPeers`; the path itself if it has none. */
export function sentenceOf(state: string): string {
  const reason = reasonOf(state);
  const table = TABLES.get(state.slice(0, -reason.length - 1)) ?? {};
  return Object.hasOwn(table, reason) ? table[reason]!.sentence : state;
}

/** The leaf of a state path: the name of the reason. */
export function reasonOf(state: string): string {
  return state.slice(state.lastIndexOf('.') + 1);
}
