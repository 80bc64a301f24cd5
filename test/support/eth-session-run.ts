/** Runs the chart of a session of eth, with a Status of ours. */
import type { StatusFacts, StatusSeen, WrongMessage } from '../../src/machines/eth/eth-endings.ts';
import { type EthSessionEvent, ethSessionMachine } from '../../src/machines/eth/eth-session.ts';
import { runMachine } from './run-machine.ts';

export const OUR_STATUS: StatusFacts = {
  version: '69',
  networkId: '1',
  genesis: 'ab'.repeat(32),
  forkHash: 'fc64ec04',
  forkNext: '1150000',
};

export const WRONG_MESSAGES: readonly WrongMessage[] = [
  'extraStatus',
  'unknownMessage',
  'badMessage',
  'badAnswer',
  'badBlockRange',
  'tooManyRequests',
];

/** A Status of theirs that is accepted, but for `changes`. */
export const theirStatus = (changes: Partial<StatusSeen> = {}): EthSessionEvent => ({
  type: 'status.received',
  ...OUR_STATUS,
  forkId: 'compatible',
  isRangeValid: true,
  ...changes,
});

export function runEthSession(...events: readonly EthSessionEvent[]) {
  const run = runMachine(ethSessionMachine, { protocol: 'eth/69', ours: OUR_STATUS });
  run.send(...events);
  return run;
}
