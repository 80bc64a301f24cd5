/**
 * Forms of the events of discovery. See `form.ts`. Lookups decide by the distances of ids, which pseudonyms do not
 * keep: in a masked recording their actors are not replayed.
 */

import type { ProofTarget } from '../../io/adapters/endpoint-prober.ts';
import type { Node } from '../../io/crypto/node.ts';
import type { NodeRecord } from '../../io/crypto/node-record.ts';
import type { PublicKey } from '../../io/crypto/primitives.ts';
import type {
  EndpointProofEvent,
  EndpointProofInput,
} from '../../machines/discovery/endpoint-proof.ts';
import type { LookupEvent, LookupInput } from '../../machines/discovery/lookup.ts';
import {
  type Cases,
  type Form,
  host,
  list,
  nodeId,
  nullable,
  number,
  record,
  word,
} from './form.ts';
import { NO_MASK } from './mask.ts';

/** An id that is measured. */
const measuredId: Form<string> = {
  write: (value, writing) => {
    if (writing.mask !== NO_MASK) writing.markIncomplete();
    return nodeId.write(value, writing);
  },
  read: nodeId.read,
};

/** Charts read no more of a node than this; its key and its record are not needed for a replay. */
type WrittenNode = Pick<Node, 'id' | 'host' | 'hostKind' | 'udpPort' | 'tcpPort'> & {
  readonly seq: number | null;
};

const writtenNode: Form<WrittenNode> = record<WrittenNode>({
  id: nodeId,
  host,
  hostKind: word(),
  udpPort: number,
  tcpPort: number,
  seq: nullable(number),
});

const NO_KEY = new Uint8Array() as PublicKey;

const node: Form<Node> = {
  write: (value, writing) =>
    writtenNode.write({ ...value, seq: value.record?.seq ?? null }, writing),
  read: (json, reading) => {
    const { seq, ...rest } = writtenNode.read(json, reading);
    const read = seq === null ? null : ({ id: rest.id, seq } as NodeRecord);
    return { ...rest, publicKey: NO_KEY, record: read, text: rest.id };
  },
};

export const endpointProofInput: Form<EndpointProofInput> = record<EndpointProofInput>({
  target: record<ProofTarget>({ id: nodeId, host, udpPort: number }),
});

export const ENDPOINT_PROOF: Cases<EndpointProofEvent> = {
  'ping.sent': {},
  'ping.refused': { why: word() },
  'ping.timedOut': {},
  'pong.received': { rttMs: number, seq: nullable(number) },
  'theirPing.received': {},
  stop: {},
};

export const lookupInput: Form<LookupInput> = record<LookupInput>({
  targetId: measuredId,
  selfId: nodeId,
  seeds: list(node),
});

export const LOOKUP: Cases<LookupEvent> = {
  answered: { id: nodeId, nodes: list(node) },
  askFailed: { id: nodeId },
  'ask.overdue': { id: nodeId },
  stop: {},
};
