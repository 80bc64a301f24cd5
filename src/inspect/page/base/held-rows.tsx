/** Rows that stay under the mouse until it leaves, and a button with the number of those that wait. */
import { useRef, useState } from 'preact/hooks';
import { type HeldRows, inHeldOrder } from '../model/held-order.ts';

type Held<Row> = HeldRows<Row> & {
  /** Of the element with the rows. */
  readonly listeners: {
    onPointerEnter(event: PointerEvent): void;
    onPointerLeave(): void;
  };
  /** Shows the rows that wait. */
  release(): void;
};

/**
 * @param view Names what is listed: with another view, filter or order the rows are taken anew, and stay again.
 * @param renew See `inHeldOrder`.
 */
export function useHeldRows<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  view: string,
  renew?: (key: string) => Row | undefined,
): Held<Row> {
  const isOver = useRef(false);
  const held = useRef<{ view: string; rows: readonly Row[] } | null>(null);
  const [, draw] = useState(0);
  if (!isOver.current) held.current = null;
  else if (held.current?.view !== view) held.current = { view, rows };
  const shown = inHeldOrder(rows, keyOf, held.current?.rows ?? null, renew);
  if (held.current) held.current = { view, rows: shown.rows };
  const drawAgain = (): void => draw((times) => times + 1);
  return {
    ...shown,
    listeners: {
      onPointerEnter: ({ pointerType }) => {
        isOver.current = pointerType === 'mouse'; // a finger does not leave
        drawAgain();
      },
      onPointerLeave: () => {
        isOver.current = false;
        drawAgain();
      },
    },
    release: () => {
      held.current = null;
      drawAgain();
    },
  };
}

export const WaitingRows = ({ waiting, release }: { readonly waiting: number; release(): void }) =>
  waiting === 0 ? null : (
    <button type="button" class="waiting-rows" onClick={release}>
      {waiting.toLocaleString('en')} new
    </button>
  );
