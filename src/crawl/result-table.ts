/** The table of crawled nodes in a database: one row for each node, with its latest visit. The same for SQLite and PostgreSQL. */
import type { VisitRecord } from './visit-record.ts';

/** A value of a column; lists are JSON. */
export type ColumnValue = string | number | null;

/** Word for a type, by database. */
const COLUMN_TYPES = {
  text: { sqlite: 'TEXT', postgres: 'text' },
  integer: { sqlite: 'INTEGER', postgres: 'bigint' },
  real: { sqlite: 'REAL', postgres: 'double precision' },
  json: { sqlite: 'TEXT', postgres: 'jsonb' },
} as const;

export type Dialect = 'sqlite' | 'postgres';

type Column = {
  readonly type: keyof typeof COLUMN_TYPES;
  readonly value: (record: VisitRecord) => ColumnValue | undefined;
  /** A visit that ends before the value is known leaves the known one as it is. */
  readonly stays?: true;
};

/** Times are in ms since 1970, latencies in ms. `id` is the key; `first_seen` stays that of the first visit. */
const RESULT_COLUMNS = {
  enode: { type: 'text', value: ({ enode }) => enode },
  record: { type: 'text', value: ({ record }) => record, stays: true },
  visited_at: { type: 'integer', value: ({ at }) => at },
  address_family: { type: 'text', value: ({ addressFamily }) => addressFamily },
  outcome: { type: 'text', value: ({ outcome }) => outcome },
  stage: { type: 'text', value: ({ stage }) => stage },
  reason: { type: 'text', value: ({ reason }) => reason },
  wire_code: { type: 'integer', value: ({ wireCode }) => wireCode },
  client: { type: 'text', value: ({ client }) => client, stays: true },
  capabilities: {
    type: 'json',
    value: ({ capabilities }) => capabilities && JSON.stringify(capabilities),
    stays: true,
  },
  eth_version: { type: 'integer', value: ({ ethVersion }) => ethVersion, stays: true },
  network_id: { type: 'integer', value: ({ networkId }) => networkId, stays: true },
  genesis: { type: 'text', value: ({ genesis }) => genesis, stays: true },
  fork_hash: { type: 'text', value: ({ forkId }) => forkId?.hash, stays: true },
  /** Decimal: up to 64 bits, without a sign. */
  fork_next: { type: 'text', value: ({ forkId }) => forkId?.next, stays: true },
  connect_ms: { type: 'real', value: ({ latencyMs }) => latencyMs.connect },
  hello_ms: { type: 'real', value: ({ latencyMs }) => latencyMs.hello },
  status_ms: { type: 'real', value: ({ latencyMs }) => latencyMs.status },
} as const satisfies Readonly<Record<string, Column>>;

/** In the order of the parameters of {@link upsertSql}. */
const COLUMNS: readonly (readonly [name: string, column: Column])[] = [
  ['id', { type: 'text', value: ({ id }) => id }],
  ['first_seen', { type: 'integer', value: ({ firstSeen }) => firstSeen }],
  ...Object.entries<Column>(RESULT_COLUMNS),
];

/** Name of the table. */
const RESULT_TABLE = 'nodes';

/** Creates the table when it is missing, and indexes of what is counted and looked for. */
export const schemaSql = (dialect: Dialect): readonly string[] => [
  `CREATE TABLE IF NOT EXISTS ${RESULT_TABLE} (${COLUMNS.map(([name, { type }]) =>
    [name, COLUMN_TYPES[type][dialect], name === 'id' ? 'PRIMARY KEY' : ''].join(' ').trim(),
  ).join(', ')}, visits ${COLUMN_TYPES.integer[dialect]} NOT NULL)`,
  ...['client', 'network_id', 'reason', 'visited_at'].map(
    (name) => `CREATE INDEX IF NOT EXISTS ${RESULT_TABLE}_${name} ON ${RESULT_TABLE} (${name})`,
  ),
];

/**
 * One statement for each visit. A visit that is written twice counts once, and an older one does not replace a newer one.
 * @param placeholder Text of parameter `index`, from 1.
 */
export function upsertSql(placeholder: (index: number, type: Column['type']) => string): string {
  const names = COLUMNS.map(([name]) => name);
  const values = COLUMNS.map(([, { type }], index) => placeholder(index + 1, type));
  const changes = Object.entries<Column>(RESULT_COLUMNS).map(([name, { stays }]) =>
    stays
      ? `${name} = COALESCE(excluded.${name}, ${RESULT_TABLE}.${name})`
      : `${name} = excluded.${name}`,
  );
  return [
    `INSERT INTO ${RESULT_TABLE} (${names.join(', ')}, visits) VALUES (${values.join(', ')}, 1)`,
    `ON CONFLICT (id) DO UPDATE SET ${changes.join(', ')}, visits = ${RESULT_TABLE}.visits + 1`,
    `WHERE excluded.visited_at > ${RESULT_TABLE}.visited_at`,
  ].join(' ');
}

/** Values of the parameters of {@link upsertSql}, in order. */
export const parametersOf = (record: VisitRecord): ColumnValue[] =>
  COLUMNS.map(([, { value }]) => value(record) ?? null);

/** What keeps results from being written; the message is one line for people, without a password. */
export class ResultsError extends Error {
  override readonly name = 'ResultsError';
}
