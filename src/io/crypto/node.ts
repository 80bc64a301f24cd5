/** A node as users name it, in a list or a call: an enode URL or a node record. */
import { requireNoBlanks } from '../wire/blank.ts';
import { RecordError, recordBytes } from '../wire/enr.ts';
import { type Enode, parseEnode } from './enode.ts';
import { endpointOf, type NodeRecord, readRecord } from './node-record.ts';

/** `hostKind` is `none`, and `host` empty, for a record without an address. */
export type Node = Omit<Enode, 'hostKind'> & {
  readonly hostKind: Enode['hostKind'] | 'none';
  /** Null for an enode URL. */
  readonly record: NodeRecord | null;
  /** As it was given. */
  readonly text: string;
};

const RECORD = /^enr:/i;

/**
 * @param text `enode://…` or `enr:…`, without blanks.
 * @throws {TypeError} The message says what is wrong with it.
 */
export function parseNode(text: string): Node {
  if (!RECORD.test(text)) return { ...parseEnode(text), record: null, text };
  const record = parseRecord(text);
  const { publicKey, id } = record;
  return { publicKey, id, ...endpointOf(record), record, text };
}

/**
 * The record of a text that starts with `enr:`.
 *
 * @throws {TypeError} The message says what is wrong with it.
 */
export function parseRecord(text: string): NodeRecord {
  requireNoBlanks('node record', text);
  try {
    return readRecord(recordBytes(text));
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new TypeError(`node record cannot be read: ${error.message}`);
  }
}
