/** Counts the records of a crawl: clients, versions, capabilities, reasons, networks. */
import type { VisitRecord } from './visit-record.ts';

/** Different values of one column; what comes beyond that is counted as `others`. Ours. */
const MAX_VALUES = 2_000;

/** Longest name or version that is counted apart, in characters. Ours. */
const MAX_CHARS = 40;

const OTHERS = 'others';

export const SUMMARY_COLUMNS = [
  'outcomes',
  'reasons',
  'clients',
  'versions',
  'capabilities',
  'networks',
  'addresses',
] as const;

/** How many nodes have a value, the most frequent one first. */
export type SummaryColumn = readonly (readonly [value: string, nodes: number])[];

export type Summary = Readonly<Record<(typeof SUMMARY_COLUMNS)[number], SummaryColumn>>;

export class CrawlSummary {
  readonly #columns = new Map<string, Map<string, number>>(
    SUMMARY_COLUMNS.map((column) => [column, new Map()]),
  );

  add(record: VisitRecord): void {
    for (const [column, values] of Object.entries(valuesOf(record)))
      for (const value of values) this.#count(this.#columns.get(column)!, value);
  }

  get columns(): Summary {
    const sorted = [...this.#columns].map(([column, counts]) => [
      column,
      [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)),
    ]);
    return Object.fromEntries(sorted) as Summary;
  }

  #count(counts: Map<string, number>, value: string): void {
    const counted = counts.has(value) || counts.size < MAX_VALUES ? value : OTHERS;
    counts.set(counted, (counts.get(counted) ?? 0) + 1);
  }
}

function valuesOf(record: VisitRecord): Record<(typeof SUMMARY_COLUMNS)[number], string[]> {
  const { outcome, reason, client, capabilities = [], networkId, genesis } = record;
  const [name, version] = client === undefined ? [] : nameAndVersion(client);
  const network = networkId === undefined ? [] : [`${networkId} ${genesis?.slice(0, 8) ?? ''}`];
  return {
    outcomes: [outcome],
    reasons: outcome === 'accepted' ? [] : [reason],
    clients: name === undefined ? [] : [name],
    versions: version === undefined ? [] : [`${name} ${version}`],
    capabilities: [...capabilities],
    networks: network.map((text) => text.trim()),
    addresses: [record.addressFamily],
  };
}

/** Such as `Geth` and `v1.17.10` of `Geth/myname/v1.17.10-stable-8a2e/linux-amd64/go1.25`. */
function nameAndVersion(client: string): [name: string, version: string] {
  const [name = '', ...rest] = client.split('/');
  const version = rest.find((part) => /^v?\d/.test(part)) ?? 'unknown';
  return [cut(name.toLowerCase()), cut(version.replace(/[-+].*/, ''))];
}

const cut = (text: string): string => text.slice(0, MAX_CHARS);
