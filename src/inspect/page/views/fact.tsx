/** Small parts that several panels draw: a fact with its name, how much of something is used, a direction. */
import type { ComponentChildren } from 'preact';
import { UNKNOWN } from '../model/amounts.ts';
import { stateWords } from '../model/state-words.ts';

export function Fact({
  name,
  note,
  children,
}: {
  readonly name: string;
  /** Smaller, below. */
  readonly note?: string;
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

/** The state of a machine, of parallel regions all; the whole path when one points at it. */
export const StateWords = ({ state }: { readonly state: string }) => (
  <span class="state-word" title={state}>
    {stateWords(state) || UNKNOWN}
  </span>
);

/** A bar. It says nothing that is not beside it in words. */
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

/** Told by arrow and word. */
export function Way({ direction }: { readonly direction: keyof typeof ARROWS }) {
  const [arrow, word] = ARROWS[direction];
  return (
    <span class={`way ${direction}`}>
      <span aria-hidden="true">{arrow}</span> {word}
    </span>
  );
}

/** The title of a part of a panel, with how many there are. */
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
