/**
 * The data of the Discovery tab: proofs, lookups and the local record from their actors, table and packets from the
 * views of a server, or from the latest sample of a recording.
 */
import type {
  DiscoveryRow,
  DiscoveryView,
  DnsTreeRow,
  LocalNodeRow,
  LookupRow,
  MapperRow,
  ServerRow,
  TableNode,
} from '../../discovery-protocol.ts';
import type { Row } from '../../protocol.ts';
import type { Actor } from './entities.ts';
import { serverPhase, stateWords } from './state-words.ts';
import type { Store } from './store.ts';

type Status = DiscoveryView['status'];

/** A proof or lookup, with the row of its actor. */
type Run<Of> = Of & {
  readonly actor: number;
  readonly state: string;
  readonly startedAt: number;
  /** Null while it runs. */
  readonly endedAt: number | null;
};

/** As the tables of each are called. */
const TABLES = { v4: 'discovery', v5: 'discoveryV5' } as const;

export type Version = keyof typeof TABLES;

export type Discovery = {
  /** Versions that have, or had, a table. */
  readonly versions: readonly Version[];
  /** Of which everything here is, but lookups, lists, record and mapper. */
  readonly version: Version;
  readonly status: Status;
  /** State of `table-maintenance`; null while there is none. */
  readonly state: string | null;
  readonly view: DiscoveryView | null;
  /** The longest first; at most `MAX_SHOWN`. */
  readonly proofs: readonly Run<TableNode>[];
  readonly proofsTotal: number;
  /** Sessions of v5, handshakes first, then the latest; at most `MAX_SHOWN`. */
  readonly sessions: readonly Run<TableNode>[];
  readonly sessionsTotal: number;
  /** Those under way first, then the latest; at most `MAX_LOOKUPS`. */
  readonly lookups: readonly Run<LookupRow>[];
  readonly lookupsTotal: number;
  /** DNS node lists that are read, at most 32. */
  readonly lists: readonly Run<DnsTreeRow>[];
  /** Null while there is none. */
  readonly localNode: LocalNodeRow | null;
  /** Null when no gateway is asked. */
  readonly mapper: (MapperRow & { readonly state: string }) | null;
};

const MAX_SHOWN = 100;
const MAX_LOOKUPS = 20;

const OFF: Status = {
  tone: 'waiting',
  sentence: 'Discovery is off: this node dials only nodes that it is given.',
  remedy:
    "Turn it on: --discovery v4 with --bootnodes, or discovery: 'v4' and bootnodes in a program.",
};

const LISTS_ONLY: Status = {
  tone: 'waiting',
  sentence: 'Node Discovery is off: nodes come from DNS node lists.',
  remedy: '',
};

/** @param wanted The version that is shown if it has a table; otherwise v4 if that has one. */
export function discoveryOf(store: Store, wanted?: Version | null): Discovery {
  const actors = [...store.actors.values()];
  const latest = (machine: string): Actor | undefined =>
    actors.findLast((actor) => actor.machine === machine);
  const versions = (['v4', 'v5'] as const).filter((version) => tableOf(actors, version));
  const version = versions.find((one) => one === wanted) ?? versions[0] ?? 'v4';
  const table = tableOf(actors, version);
  const isRunning = table?.status === 'active';
  const view = (isRunning && store.views?.[TABLES[version]]) || sampleOf(table);
  const mapper = latest('port-mapper');
  const mapperRow = rowWith<MapperRow>(mapper, 'mechanism');
  const running = (machine: string) =>
    actors.flatMap((actor) =>
      actor.machine === machine && actor.status === 'active'
        ? runOf<TableNode>(actor, 'remote')
        : [],
    );
  const proofs = running('endpoint-proof');
  const sessions = running('discv5-session').sort(
    (a, b) => Number(isKept(a)) - Number(isKept(b)) || b.startedAt - a.startedAt,
  );
  const lookups = actors
    .flatMap((actor) => (actor.machine === 'lookup' ? runOf<LookupRow>(actor, 'path') : []))
    .sort(
      (a, b) =>
        Number(a.endedAt !== null) - Number(b.endedAt !== null) || b.startedAt - a.startedAt,
    );
  const lists = actors.flatMap((actor) =>
    actor.machine === 'dns-tree' && actor.status === 'active'
      ? runOf<DnsTreeRow>(actor, 'listUrl')
      : [],
  );
  return {
    versions,
    version,
    status: statusOf(latest('server'), table, view, lists.length),
    state: isRunning ? table.state : null,
    view,
    proofs: proofs.slice(0, MAX_SHOWN),
    proofsTotal: proofs.length,
    sessions: sessions.slice(0, MAX_SHOWN),
    sessionsTotal: sessions.length,
    lookups: lookups.slice(0, MAX_LOOKUPS),
    lookupsTotal: lookups.length,
    lists,
    localNode: rowWith<LocalNodeRow>(latest('local-node'), 'record'),
    mapper: mapper && mapperRow ? { ...mapperRow, state: mapper.state } : null,
  };
}

/** The latest one: a server has a new table each time it starts. */
const tableOf = (actors: readonly Actor[], version: Version): Actor | undefined =>
  actors.findLast(({ machine, id }) => machine === 'table-maintenance' && id === TABLES[version]);

/** The view that a server sends of this actor; null when it is none of its tables, or does not run. */
export const viewOf = (actor: Actor, { actors, views }: Store): DiscoveryView | null => {
  const isTable = (version: Version): boolean =>
    actor.status === 'active' && actor === tableOf([...actors.values()], version);
  const version = (['v4', 'v5'] as const).find(isTable);
  return (version && views?.[TABLES[version]]) ?? null;
};

const isKept = ({ state }: { readonly state: string }): boolean => state === 'established';

function statusOf(
  server: Actor | undefined,
  table: Actor | undefined,
  view: DiscoveryView | null,
  lists: number,
): Status {
  if (table && view && (table.status === 'active' || table.state === 'failed')) return view.status;
  if (!table && server && rowWith<ServerRow>(server, 'discovers')?.discovers === false)
    return lists > 0 ? LISTS_ONLY : OFF;
  const phase = server ? `: the node is ${stateWords(serverPhase(server.state))}` : '';
  return { tone: 'waiting', sentence: `Discovery is not running${phase}.`, remedy: '' };
}

const sampleOf = (table: Actor | undefined): DiscoveryView | null =>
  rowWith<DiscoveryRow>(table, 'discovery')?.discovery ?? null;

/** Rows differ by machine: the field tells them apart. */
function rowWith<Of extends Row>(actor: Actor | undefined, field: keyof Of): Of | null {
  const row = actor?.row;
  return row && field in row ? (row as Of) : null;
}

function runOf<Of extends Row>(actor: Actor, field: keyof Of): readonly Run<Of>[] {
  const row = rowWith<Of>(actor, field);
  if (!row) return [];
  const { number, state, startedAt, endedAt } = actor;
  return [{ ...row, actor: number, state, startedAt, endedAt }];
}

/** A line of the table: an entry of a bucket, or one that waits for a place. */
export type TableLine = TableNode & {
  readonly distance: number;
  /** Null for a replacement, as the other fields. */
  readonly isLive: boolean | null;
  readonly checks: number | null;
  readonly list: 'fast' | 'slow' | null;
  readonly isChecked: boolean;
};

/** @param only Distance of the one bucket that is wanted; null for all. */
export const tableLines = (
  { buckets }: Pick<DiscoveryView, 'buckets'>,
  only: number | null,
): readonly TableLine[] =>
  buckets
    .filter(({ distance }) => only === null || distance === only)
    .flatMap(({ distance, entries, replacements }) => [
      ...entries.map((entry) => ({ ...entry, distance })),
      ...replacements.map((node) => ({
        ...node,
        ...{ distance, isLive: null, checks: null, list: null, isChecked: false },
      })),
    ]);

/** Numbers of a whole table. */
export function tableCounts({ buckets }: Pick<DiscoveryView, 'buckets'>) {
  const entries = buckets.flatMap((bucket) => bucket.entries);
  return {
    entries: entries.length,
    live: entries.filter(({ isLive }) => isLive).length,
    fast: entries.filter(({ list }) => list === 'fast').length,
    slow: entries.filter(({ list }) => list === 'slow').length,
    checked: entries.filter(({ isChecked }) => isChecked).length,
    replacements: buckets.reduce((sum, bucket) => sum + bucket.replacements.length, 0),
  };
}

/** The state of each region of a running table: refresh, fast and slow list. */
export function regionsOf(state: string): Readonly<Record<'refresh' | 'fast' | 'slow', string>> {
  const leaf = (region: string): string =>
    state
      .split('+')
      .find((part) => part.includes(`.${region}.`) || part.startsWith(`${region}.`))
      ?.split('.')
      .at(-1) ?? '';
  return { refresh: leaf('refresh'), fast: leaf('fast'), slow: leaf('slow') };
}
