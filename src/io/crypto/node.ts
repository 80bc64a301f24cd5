/** A node as users name it, in a list or a call: an enode URL or a node record. */
import { requireNoBlanks } from '../wire/blank.ts';
import { formatRecord, RecordError, recordBytes } from '../wire/enr.ts';
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

/** A node in a list or a call: an enode URL, a node record, or a node that was read before. */
export type NodeLike = string | Pick<Node, 'text'>;

const RECORD = /^enr:/i;

/**
 * @param given `enode://…` or `enr:…`, without blanks; the text of a node is read again.
 * @throws {TypeError} The message says what is wrong with it.
 */
export function parseNode(given: NodeLike): Node {
  const text = typeof given === 'string' ? given : given.text;
  if (!RECORD.test(text)) return { ...parseEnode(text), record: null, text };
  return { ...nodeOfRecord(parseRecord(text)), text };
}

export function nodeOfRecord(record: NodeRecord): Node {
  const { publicKey, id, bytes } = record;
  return { publicKey, id, ...endpointOf(record), record, text: formatRecord(bytes) };
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
