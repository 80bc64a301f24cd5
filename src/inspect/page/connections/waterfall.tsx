/** The phases of the selected connection as bars over time, one below the other. A click goes to the first step. */

import { usePage } from '../base/page-context.tsx';
import { duration } from '../model/durations.ts';
import { type Phase, phasesOf } from '../model/phases.ts';
import { type Story, stepAt } from '../model/story.ts';
import { segmentsOf } from '../model/time-axis.ts';
import { timeOfDay } from '../views/ago.tsx';

export function Waterfall({
  story,
  at,
  now,
}: {
  readonly story: Story;
  /** Index of the step that is shown. */
  readonly at: number;
  readonly now: number;
}) {
  const { store, session } = usePage();
  const phases = phasesOf(story, now);
  if (phases.length === 0) return null;
  const segments = segmentsOf(
    phases.map(({ from }) => from),
    (story.endedAt ?? now) - story.beganAt,
  );
  const current = phases.findLastIndex(({ first }) => first <= at);
  return (
    <ol class="waterfall" aria-label="Phases">
      {phases.map((phase, place) => {
        const { start, width } = segments[place]!;
        return (
          <li key={phase.first} ref={place === current ? intoView : null}>
            <button
              type="button"
              aria-current={place === current ? 'step' : undefined}
              title={tipOf(phase, timeOfDay(store, story.beganAt + phase.from))}
              onClick={() => {
                session.step.value = stepAt(story, phase.first);
              }}
            >
              <span class="phase">{phase.name}</span>
              <span class="lane">
                <span
                  class={`phase-bar tone-${phase.tone}`}
                  ref={(node) => lay(node, start, width)}
                />
                {phase.reason && (
                  <span class="reason" ref={(node) => layBefore(node, start + width)}>
                    {phase.reason}
                  </span>
                )}
              </span>
              <span class="from">+{duration(phase.from)}</span>
              <span class="took">{duration(phase.ms)}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

const tipOf = ({ name, reason, from, ms }: Phase, time: string): string =>
  `${reason || name}: at ${time}, ${duration(from)} after the start, for ${duration(ms)}. Widths grow with the logarithm of the time.`;

/** In the list only: the page must not move. */
function intoView(row: HTMLElement | null): void {
  const list = row?.parentElement;
  if (!row || !list) return;
  const [top, bottom] = [
    row.offsetTop - list.offsetTop,
    row.offsetTop - list.offsetTop + row.offsetHeight,
  ];
  if (top < list.scrollTop) list.scrollTop = top;
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}

function lay(node: HTMLElement | null, start: number, width: number): void {
  if (!node) return;
  node.style.left = `${(start * 100).toFixed(2)}%`;
  node.style.width = `${(width * 100).toFixed(2)}%`;
}

/** The reason stands left of the end of its bar, which is the end of the lane. */
function layBefore(node: HTMLElement | null, end: number): void {
  if (node) node.style.right = `${(100 - end * 100).toFixed(2)}%`;
}
