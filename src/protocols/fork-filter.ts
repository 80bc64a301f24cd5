/** Which nodes are worth a dial, by the fork id in their records. Pure. Like go-ethereum's `eth.NewNodeFilter`. */
import type { RecordEntries } from '../io/wire/enr.ts';
import { type Chain, checkForkId, forkIdIn, type Head } from '../io/wire/fork-id.ts';

/** What is asked of a node: its record, null when it is only known by its enode URL. */
type Recorded = { readonly record: { readonly entries: RecordEntries } | null };

export type ForkFilterOptions = {
  readonly chain: Chain;
  /** Where we are on the chain; it is called for each node. */
  readonly head: () => Head;
  /**
   * Whether nodes pass that do not say their fork id: those without a record, and those whose record has no entry `eth`.
   * Default `true`: discovery v4 finds most nodes without their record.
   */
  readonly passUnknown?: boolean;
};

/** For the option `candidateFilter`. A record whose entry `eth` cannot be read does not pass. */
export const forkFilter =
  ({ chain, head, passUnknown = true }: ForkFilterOptions) =>
  ({ record }: Recorded): boolean => {
    const forkId = record ? forkIdIn(record.entries) : 'absent';
    if (forkId === 'absent') return passUnknown;
    return forkId !== 'malformed' && checkForkId(chain, head(), forkId) === 'compatible';
  };
