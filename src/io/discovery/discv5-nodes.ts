/** Records in NODES: which of ours another node learns, and which of theirs we take. */
import { type Node, nodeOfRecord } from '../crypto/node.ts';
import { endpointOf, type NodeRecord, readRecord } from '../crypto/node-record.ts';
import type { Primitives } from '../crypto/primitives.ts';
import type { Discv5Message } from '../wire/discv5-message.ts';
import { RecordError } from '../wire/enr.ts';
import { MAX_LOW_PORT } from './neighbors.ts';
import { mayRelay } from './relay-rules.ts';

/** Log distance of ids whose first bits differ. */
const MAX_DISTANCE = 256;

/** Distances that are looked at in one question; nodes are at 17 of them in practice. Ours. */
const MAX_DISTANCES = 32;

/** Records in one answer, in all packets together: a bucket. Source: go-ethereum, `findnodeResultLimit`. */
const MAX_RECORDS = 16;

/** Packets of one answer. Source: go-ethereum, `totalNodesResponseLimit`. */
export const MAX_NODES_PACKETS = 5;

/** Bytes of records in one packet: 1,280 without its header, its tag and the rest of the message. */
const MAX_RECORDS_BYTES = 1_170;

type Nodes = Extract<Discv5Message, { readonly type: 'nodes' }>;

/** The records at these distances from us, for `requester`. Distances that are none, doubles, and those after the 32nd count as absent. */
export function recordsFor(
  distances: readonly number[],
  {
    record,
    nodesAt,
    requester,
  }: {
    readonly record: NodeRecord;
    readonly nodesAt: (distance: number) => readonly Node[];
    readonly requester: { readonly id: string; readonly host: string };
  },
): readonly NodeRecord[] {
  const found: NodeRecord[] = [];
  const asked = new Set(distances.filter((distance) => distance <= MAX_DISTANCE));
  for (const distance of [...asked].slice(0, MAX_DISTANCES)) {
    if (distance === 0) found.push(record);
    else
      for (const { id, host, record: known } of nodesAt(distance))
        if (known && id !== requester.id && mayRelay(host, requester.host)) found.push(known);
    if (found.length >= MAX_RECORDS) break;
  }
  return found.slice(0, MAX_RECORDS);
}

/** The packets of an answer, in order; an empty answer is one packet. Records that do not fit into them are left out. */
export function nodesMessages(requestId: string, records: readonly NodeRecord[]): readonly Nodes[] {
  const packets: Uint8Array[][] = [[]];
  let bytesLeft = MAX_RECORDS_BYTES;
  for (const { bytes } of records) {
    if (bytes.length > bytesLeft) {
      if (packets.length === MAX_NODES_PACKETS) break;
      packets.push([]);
      bytesLeft = MAX_RECORDS_BYTES;
    }
    packets.at(-1)?.push(bytes);
    bytesLeft -= bytes.length;
  }
  return packets.map((each) => ({
    ...{ type: 'nodes', requestId, total: packets.length, records: each },
  }));
}

/** Takes the records that one node names, in as many packets as it says, up to the limits of an answer. */
export class NodesAnswer {
  readonly #asked: ReadonlySet<number>;
  readonly #options: NodesAnswerOptions;
  /** At most MAX_RECORDS. */
  readonly #nodes: Node[] = [];
  /** Records that were named, usable or not. At most MAX_RECORDS. */
  #named = 0;
  #packets = 0;
  /** As the first packet says. */
  #total = 0;

  constructor(distances: readonly number[], options: NodesAnswerOptions) {
    this.#asked = new Set(distances);
    this.#options = options;
  }

  /** Usable ones, without doubles. */
  get nodes(): readonly Node[] {
    return [...this.#nodes];
  }

  get packets(): number {
    return this.#packets;
  }

  /** @returns Whether no more is read. */
  add({ total, records }: Nodes): boolean {
    if (this.#packets === 0) this.#total = Math.min(Math.max(total, 1), MAX_NODES_PACKETS);
    this.#packets += 1;
    for (const bytes of records.slice(0, MAX_RECORDS - this.#named)) {
      this.#named += 1;
      const node = this.#usable(bytes);
      if (node) this.#nodes.push(node);
    }
    return this.#packets >= this.#total || this.#named >= MAX_RECORDS;
  }

  #usable(bytes: Uint8Array): Node | null {
    const { ownId, from, isAllowed, primitives } = this.#options;
    const record = recordIn(bytes, primitives);
    if (!record || record.id === ownId || this.#nodes.some(({ id }) => id === record.id))
      return null;
    if (!this.#asked.has(distanceOf(from.id, record.id))) return null;
    const { host, udpPort } = endpointOf(record);
    if (udpPort <= MAX_LOW_PORT || !mayRelay(host, from.host) || !isAllowed(host)) return null;
    return nodeOfRecord(record);
  }
}

type NodesAnswerOptions = {
  readonly ownId: string;
  /** The node that answers, at the address that it answers from. */
  readonly from: { readonly id: string; readonly host: string };
  readonly isAllowed: (host: string) => boolean;
  readonly primitives: Primitives;
};

function recordIn(bytes: Uint8Array, primitives: Primitives): NodeRecord | null {
  try {
    return readRecord(bytes, primitives);
  } catch (error) {
    if (error instanceof RecordError) return null;
    throw error;
  }
}

/** As `logDistance` of the charts, which know nothing of this folder. */
function distanceOf(a: string, b: string): number {
  const difference = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
  return difference === 0n ? 0 : difference.toString(2).length;
}
