/** A node as users name it, in a list or a call: an enode URL or a node record. */
import { requireNoBlanks } from '../wire/blank.ts';
import { RecordError, recordBytes } from '../wire/enr.ts';
import { type Enode, formatEnode, parseEnode } from './enode.ts';
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

/** A node that others named, or that a packet came from. `host` is an IP address in its shortest spelling. */
export function nodeAt(place: Omit<Enode, 'hostKind'>): Node {
  const hostKind = place.host.includes(':') ? ('ipv6' as const) : ('ipv4' as const);
  const enode = { ...place, hostKind };
  return { ...enode, record: null, text: formatEnode(enode) };
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
