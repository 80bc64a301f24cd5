/** Small parts of several tabs: a named fact, a usage bar, a direction. */
import type { ComponentChildren } from 'preact';
import { UNKNOWN } from '../model/amounts.ts';
import { stateWords } from '../model/state-words.ts';

export function Fact({
  name,
  note,
  children,
}: {
  readonly name: string;
  /** Small text below. */
  readonly note?: string | undefined;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="measure">
      <dt>{name}</dt>
      <dd>
        {children}
        {note !== undefined && <small class="note">{note}</small>}
      </dd>
    </div>
  );
}

/** The state of a machine in words; the full path as a tooltip. */
export const StateWords = ({ state }: { readonly state: string }) => (
  <span class="state-word" title={state}>
    {stateWords(state) || UNKNOWN}
  </span>
);

/** A usage bar. Its value is also beside it as text. */
export function Share({ used, of }: { readonly used: number; readonly of: number | null }) {
  if (of === null || of <= 0) return null;
  const share = Math.min(1, Math.max(0, used / of));
  return (
    <svg
      class={`share ${share >= 1 ? 'is-full' : ''}`}
      aria-hidden="true"
      preserveAspectRatio="none"
      viewBox="0 0 100 4"
    >
      <rect class="share-all" width="100" height="4" rx="2" />
      <rect class="share-used" width={Math.round(share * 1000) / 10} height="4" rx="2" />
    </svg>
  );
}

const ARROWS = {
  inbound: ['↓', 'inbound'],
  static: ['↑', 'static'],
  dynamic: ['↑', 'dynamic'],
} as const;

/** A direction as arrow and word. */
export function DirectionWord({ direction }: { readonly direction: keyof typeof ARROWS }) {
  const [arrow, word] = ARROWS[direction];
  return (
    <span class={`direction-word ${direction}`}>
      <span aria-hidden="true">{arrow}</span> {word}
    </span>
  );
}

/** The title of a card, with a count. */
export function PartTitle({
  children,
  count,
  tools,
}: {
  readonly children: string;
  readonly count?: string;
  readonly tools?: ComponentChildren;
}) {
  return (
    <header class="part-title">
      <h3>{children}</h3>
      {count !== undefined && <span class="part-count">{count}</span>}
      {tools}
    </header>
  );
}
