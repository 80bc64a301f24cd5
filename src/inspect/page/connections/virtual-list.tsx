/** A list of rows of equal height that renders only the visible ones. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** Rows rendered above and below the visible ones. */
const OVERSCAN = 4;

type Props<Item> = {
  readonly label: string;
  readonly items: readonly Item[];
  /** In px, as the style sheet has it. */
  readonly rowHeight: number;
  readonly keyOf: (item: Item, index: number) => string;
  /** Index of the chosen row; -1 for none. */
  readonly chosen: number;
  readonly onChoose: (item: Item, index: number) => void;
  readonly row: (item: Item, index: number) => ComponentChildren;
  /** Shown when there are no items. */
  readonly empty: ComponentChildren;
  readonly id: string;
  /** Whether it scrolls to the chosen row when the choice changes elsewhere. */
  readonly follows?: boolean;
};

export function VirtualList<Item>(props: Props<Item>) {
  const { label, items, rowHeight, keyOf, chosen, onChoose, row, empty, id, follows } = props;
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(800);
  useEffect(() => {
    const seen = box.current!;
    const watch = new ResizeObserver(() => setHeight(seen.clientHeight));
    watch.observe(seen);
    return () => watch.disconnect();
  }, []);
  const first = Math.max(0, Math.floor(top / rowHeight) - OVERSCAN);
  const shown = items.slice(first, Math.ceil((top + height) / rowHeight) + OVERSCAN);

  const show = (index: number): void => {
    const seen = box.current!;
    const y = index * rowHeight;
    if (y < seen.scrollTop) seen.scrollTop = y;
    if (y + rowHeight > seen.scrollTop + seen.clientHeight)
      seen.scrollTop = y + rowHeight - seen.clientHeight;
  };
  useEffect(() => {
    if (follows && chosen >= 0) show(chosen);
  }, [chosen, follows]);
  const choose = (index: number): void => {
    const item = items[index];
    if (item === undefined) return;
    show(index);
    onChoose(item, index);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const move = MOVES[event.key]?.(page);
    if (move === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const from = chosen < 0 && move > 0 ? -1 : chosen;
    choose(Math.max(0, Math.min(items.length - 1, from + move)));
  };

  if (items.length === 0)
    return (
      <div class="rows" ref={box} id={id}>
        {empty}
      </div>
    );
  return (
    <div
      class="rows"
      ref={box}
      id={id}
      role="listbox"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={chosen < 0 ? undefined : `${id}-${keyOf(items[chosen]!, chosen)}`}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <div class="length" ref={(node) => place(node, 'height', items.length * rowHeight)}>
        {shown.map((item, place_) => {
          const index = first + place_;
          const key = keyOf(item, index);
          return (
            <div
              key={key}
              id={`${id}-${key}`}
              role="option"
              tabIndex={-1}
              class="row"
              aria-selected={index === chosen}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              ref={(node) => place(node, 'top', index * rowHeight)}
              onClick={() => onChoose(item, index)}
              onKeyDown={undefined}
            >
              {row(item, index)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

const MOVES: Readonly<Record<string, (page: number) => number>> = {
  ArrowDown: () => 1,
  j: () => 1,
  ArrowUp: () => -1,
  k: () => -1,
  PageDown: (page) => page,
  PageUp: (page) => -page,
  End: () => Number.MAX_SAFE_INTEGER,
  Home: () => Number.MIN_SAFE_INTEGER,
};

/** Set on the element: the content security policy allows no style attributes. */
function place(node: HTMLElement | null, property: 'height' | 'top', px: number): void {
  if (!node) return;
  const value = `${px}px`;
  if (node.style[property] !== value) node.style[property] = value;
}
