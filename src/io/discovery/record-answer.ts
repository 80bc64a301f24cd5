/** What a node answers when it is asked for its record. */
import type { Node } from '../crypto/node.ts';
import { endpointOf, type NodeRecord, readRecord } from '../crypto/node-record.ts';
import type { Primitives } from '../crypto/primitives.ts';
import { RecordError } from '../wire/enr.ts';
import { mayRelay } from './relay-rules.ts';
import type { RecordResult } from './request-results.ts';

/** As in go-ethereum, the record that was known wins over an older one, and its address must be one for us. */
export function recordAnswer(
  bytes: Uint8Array,
  { id, host, record: known }: Pick<Node, 'id' | 'host' | 'record'>,
  primitives: Primitives,
): RecordResult {
  let record: NodeRecord;
  try {
    record = readRecord(bytes, primitives);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return { type: 'invalid', detail: error.message };
  }
  if (record.id !== id) return { type: 'invalid', detail: 'it is the record of another node' };
  if (known && record.seq < known.seq) return { type: 'record', record: known };
  const said = endpointOf(record).host;
  if (said !== '' && !mayRelay(said, host))
    return { type: 'invalid', detail: `${said} is no address that ${host} may name` };
  return { type: 'record', record };
}
