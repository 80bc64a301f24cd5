/** A sortable table. A line is picked by a click anywhere, or by its button with the keyboard. */
import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useHeldRows, WaitingRows } from '../base/held-rows.tsx';
import { inOrder, type Order } from '../model/tables.ts';

/** Most lines that are drawn. Ours: more make the page slow. */
const MAX_LINES = 400;

export type Column<Line> = {
  readonly id: string;
  readonly label: string;
  readonly isNumber?: boolean;
  /** Sort key; null is last. */
  value(line: Line): string | number | null;
  cell?(line: Line): ComponentChildren;
};

export function DataTable<Line>({
  caption,
  columns,
  lines,
  keyOf,
  first,
  onPick,
  empty,
  filter = '',
}: {
  /** For screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<Line>[];
  readonly lines: readonly Line[];
  keyOf(line: Line): string;
  /** Initial sort order. */
  readonly first: Order;
  /** Null for lines that cannot be picked. */
  onPick?(line: Line): (() => void) | null;
  readonly empty: string;
  /** By which the lines were chosen. */
  readonly filter?: string;
}) {
  const order = useSignal(first);
  const by = columns.find(({ id }) => id === order.value.by) ?? columns[0]!;
  const sorted = inOrder(lines, by.value, order.value);
  const view = `${order.value.by} ${order.value.isDown} ${filter}`;
  const { rows, waiting, listeners, release } = useHeldRows(sorted, keyOf, view);
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  return (
    <div class="table-frame" {...listeners}>
      <WaitingRows waiting={waiting} release={release} />
      <table class="data">
        <caption class="only-read-aloud">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.id} column={column} order={order} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MAX_LINES).map((line) => {
            const pick = onPick?.(line) ?? null;
            return (
              <tr key={keyOf(line)} class={pick ? 'pickable' : ''} onClick={pick ?? undefined}>
                {columns.map(({ id, isNumber, cell, value }, place) => {
                  const content = cell ? cell(line) : value(line);
                  return (
                    <td key={id} class={isNumber ? 'number' : ''}>
                      {place === 0 && pick ? (
                        <button type="button" class="plain">
                          {content}
                        </button>
                      ) : (
                        content
                      )}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
      {lines.length > MAX_LINES && (
        <p class="more">
          Showing {MAX_LINES} of {lines.length}. Use the filter to find others.
        </p>
      )}
    </div>
  );
}

function Head<Line>({
  column: { id, label, isNumber },
  order,
}: {
  readonly column: Column<Line>;
  readonly order: Signal<Order>;
}) {
  const { by, isDown } = order.value;
  const isBy = by === id;
  return (
    <th
      scope="col"
      class={isNumber ? 'number' : ''}
      aria-sort={isBy ? (isDown ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        onClick={() => {
          order.value = { by: id, isDown: isBy ? !isDown : isNumber === true };
        }}
      >
        {label}
        <span aria-hidden="true" class="sorted">
          {isBy ? (isDown ? '▾' : '▴') : ''}
        </span>
      </button>
    </th>
  );
}
