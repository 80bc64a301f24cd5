/** Nodes and ids for tests of the table: no real keys, as nothing in the table looks at them. */
import type { Node } from '../../src/io/crypto/node.ts';
import type { NodeRecord } from '../../src/io/crypto/node-record.ts';
import type { PublicKey } from '../../src/io/crypto/primitives.ts';
import { tableNetworksOf } from '../../src/io/wire/ip-address.ts';
import { entriesOf, type NodeTable, type TableRules } from '../../src/machines/discovery/table.ts';

export const SELF = '0'.repeat(64);

export const tableRules = (changes: Partial<TableRules> = {}): TableRules => ({
  selfId: SELF,
  isInNetRestrict: () => true,
  networksOf: tableNetworksOf,
  ...changes,
});

/** The id of the `number`th node at a log distance from `SELF`, from 0 on; distances of less than 40 have few of them. */
export function idAt(distance: number, number = 0): string {
  const id = (1n << BigInt(distance - 1)) | BigInt(number);
  return id.toString(16).padStart(64, '0');
}

/** In a network of its own for each number. */
export const hostNumber = (number: number): string =>
  `${20 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}.1`;

export type NodeChanges = Partial<Pick<Node, 'host' | 'hostKind' | 'udpPort' | 'tcpPort'>> & {
  /** Gives it a record. */
  readonly seq?: number | undefined;
};

export function tableNode(id: string, { seq, ...changes }: NodeChanges = {}): Node {
  const host = changes.host ?? '198.51.100.1';
  const record = seq === undefined ? null : ({ id, seq } as NodeRecord);
  return {
    publicKey: new Uint8Array([Number.parseInt(id.slice(-2), 16)]) as PublicKey,
    id,
    host,
    hostKind: host.includes(':') ? 'ipv6' : 'ipv4',
    udpPort: 30_303,
    tcpPort: 30_303,
    record,
    text: `${id}@${host} ${seq ?? ''}`,
    ...changes,
  };
}

/** `count` nodes at one log distance, each in a network of its own. */
export const nodesAt = (distance: number, count: number, from = 0): Node[] =>
  Array.from({ length: count }, (_, index) =>
    tableNode(idAt(distance, from + index), { host: hostNumber(from + index) }),
  );

export const idsOf = (table: NodeTable): string[] => entriesOf(table).map(({ id }) => id);
