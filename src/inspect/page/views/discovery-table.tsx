/** The table of discovery: a bar for each bucket, which selects it, and its nodes. */
import type { Signal } from '@preact/signals';
import type { BucketView, DiscoveryView } from '../../discovery-protocol.ts';
import { count, shortId, UNKNOWN } from '../model/amounts.ts';
import { type TableLine, tableLines } from '../model/discovery.ts';
import { type Column, DataTable } from './data-table.tsx';
import { PartTitle } from './fact.tsx';

/** Entries of a full bucket. */
const BUCKET_SIZE = 16;

const COLUMNS: readonly Column<TableLine>[] = [
  {
    id: 'id',
    label: 'Node id',
    value: ({ id }) => id,
    cell: ({ id }) => <code title={id}>{shortId(id)}</code>,
  },
  {
    id: 'remote',
    label: 'Address',
    value: ({ remote }) => remote,
    cell: ({ remote }) => <code>{remote}</code>,
  },
  { id: 'distance', label: 'Bucket', isNumber: true, value: ({ distance }) => distance },
  {
    id: 'live',
    label: 'State',
    value: (line) => stateOf(line),
    cell: (line) => <span class={line.isLive ? 'is-live' : 'muted-words'}>{stateOf(line)}</span>,
  },
  {
    id: 'checks',
    label: 'Checks',
    isNumber: true,
    value: ({ checks }) => checks,
    cell: ({ checks }) => count(checks),
  },
  {
    id: 'list',
    label: 'List',
    value: ({ list }) => list,
    cell: ({ list, isChecked }) => (isChecked ? `${list}, check under way` : (list ?? UNKNOWN)),
  },
];

function stateOf({ isLive }: TableLine): string {
  if (isLive === null) return 'waits for a place';
  return isLive ? '✓ live' : 'not checked yet';
}

/** @param bucket Distance of the selected one; null for all. */
export function DiscoveryTable({
  view,
  bucket,
}: {
  readonly view: DiscoveryView;
  readonly bucket: Signal<number | null>;
}) {
  const lines = tableLines(view, bucket.value);
  return (
    <>
      <div class="card">
        <PartTitle
          tools={
            bucket.value !== null && (
              <button
                type="button"
                class="quiet"
                onClick={() => {
                  bucket.value = null;
                }}
              >
                Show all buckets
              </button>
            )
          }
        >
          Table by bucket, by log distance from us
        </PartTitle>
        <ol class="buckets">
          {view.buckets.map((one, place) => (
            <li key={one.distance}>
              <Bucket view={one} isFirst={place === 0} bucket={bucket} />
            </li>
          ))}
        </ol>
      </div>
      <div class="nodes">
        <DataTable
          caption="Nodes of the table, one per line"
          columns={COLUMNS}
          lines={lines}
          keyOf={({ id }) => id}
          first={{ by: 'distance', isDown: true }}
          filter={`${bucket.value}`}
          empty={
            bucket.value === null
              ? 'There is no node in the table.'
              : 'There is no node in this bucket.'
          }
        />
      </div>
    </>
  );
}

function Bucket({
  view: { distance, entries, replacements },
  isFirst,
  bucket,
}: {
  readonly view: BucketView;
  readonly isFirst: boolean;
  readonly bucket: Signal<number | null>;
}) {
  const live = entries.filter(({ isLive }) => isLive).length;
  const name = isFirst ? `≤ ${distance}` : `${distance}`;
  const words = `${entries.length} of ${BUCKET_SIZE} nodes, ${live} live, ${replacements.length} waiting`;
  const high = (nodes: number): number => (Math.min(nodes, BUCKET_SIZE) / BUCKET_SIZE) * 40;
  return (
    <button
      type="button"
      class={entries.length === 0 ? 'bucket none' : 'bucket'}
      aria-pressed={bucket.value === distance}
      title={words}
      onClick={() => {
        bucket.value = bucket.value === distance ? null : distance;
      }}
    >
      <svg viewBox="0 0 20 40" preserveAspectRatio="none" aria-hidden="true">
        <rect class="bucket-all" width="20" height="40" />
        <rect
          class="bucket-entries"
          width="20"
          y={40 - high(entries.length)}
          height={high(entries.length)}
        />
        <rect class="bucket-live" width="20" y={40 - high(live)} height={high(live)} />
      </svg>
      <b>
        {entries.length}
        {replacements.length > 0 && <small>+{replacements.length}</small>}
      </b>
      <span>
        <span class="only-read-aloud">nodes at distance </span>
        {name}
      </span>
    </button>
  );
}
