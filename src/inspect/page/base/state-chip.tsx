/** A state in its colour, with a cross in front of endings that are not normal. */
import { isBad, shortState, toneOf } from '../model/state-words.ts';

export const StateChip = ({
  machine,
  state,
}: {
  readonly machine: string;
  readonly state: string;
}) => (
  <span class={`chip tone-${toneOf(machine, state)}`} title={state}>
    {isBad(machine, state) && <span aria-hidden="true">✕ </span>}
    {shortState(state) || '…'}
  </span>
);

const ARROWS = { inbound: '↓', static: '↑', dynamic: '↑' } as const;

const WORDS = {
  inbound: 'inbound: they dialled us',
  static: 'outbound: static node, we dialled it',
  dynamic: 'outbound: discovered node, we dialled it',
} as const;

export const DirectionMark = ({
  direction,
}: {
  readonly direction: 'inbound' | 'static' | 'dynamic' | null;
}) =>
  direction === null ? (
    <span class="direction" />
  ) : (
    <span
      class={`direction ${direction}`}
      role="img"
      aria-label={direction}
      title={WORDS[direction]}
    >
      {ARROWS[direction]}
    </span>
  );
