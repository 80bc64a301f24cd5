/** What the node store has in its database: which keys there are, and which entries are as they were written. */
import { isNodeId, type NodeEntry, unsealed } from './node-entries.ts';

/** Before every key: a database with other keys is not ours, and left as it is. */
export const KEY_PREFIX = 'peerchart/1/';
export const NODE_PREFIX = `${KEY_PREFIX}node/`;
/** Our own record, in its text form. */
export const RECORD_PREFIX = `${KEY_PREFIX}record/`;
/** How many other entries there are: LevelDB may lose some to a damaged disk without an error. */
export const COUNT_KEY = `${KEY_PREFIX}count`;

export type DatabaseEntry = readonly [key: string, value: Uint8Array];

type Sorted = {
  readonly records: readonly (readonly [id: string, text: string])[];
  readonly nodes: readonly (readonly [id: string, entry: NodeEntry])[];
  /** Keys whose value, or which themselves, are not as they were written. */
  readonly damaged: readonly string[];
  /** How many were written and are not there. */
  readonly missing: number;
};

/** @throws {Error} Nothing of it is ours. */
export function sortEntries(entries: readonly DatabaseEntry[]): Sorted {
  const records: [string, string][] = [];
  const nodes: [string, NodeEntry][] = [];
  const damaged: string[] = [];
  let count: unknown = 0;
  for (const [key, value] of entries) {
    const id = key.slice(key.lastIndexOf('/') + 1);
    const content = isNodeId(id) || key === COUNT_KEY ? unsealed(key, value) : null;
    if (content !== null && key === `${NODE_PREFIX}${id}`) nodes.push([id, content as NodeEntry]);
    else if (typeof content === 'string' && key === `${RECORD_PREFIX}${id}`)
      records.push([id, content]);
    else if (isCount(content) && key === COUNT_KEY) count = content;
    else damaged.push(key);
  }
  const isOurs =
    entries.length > damaged.length || damaged.some((key) => key.startsWith(KEY_PREFIX));
  if (damaged.length > 0 && !isOurs) throw new Error('the folder has data of another program');
  const found = nodes.length + records.length + damaged.length;
  return { records, nodes, damaged, missing: Math.max(0, Number(count) - found) };
}

const isCount = (content: unknown): content is number =>
  Number.isSafeInteger(content) && (content as number) >= 0;
