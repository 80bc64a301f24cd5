/** The time line of the selection, below the chart: one coloured segment for each step. */

import { BackIcon, FirstIcon, NextIcon } from '../base/icons.tsx';
import { usePage } from '../base/page-context.tsx';
import { nowOf } from '../base/store-clock.ts';
import { duration } from '../model/durations.ts';
import { eventWords, shortState } from '../model/state-words.ts';
import { repeatsConnection, type Story, stepAt, storyOf, toneOfStep } from '../model/story.ts';
import { segmentsOf } from '../model/time-axis.ts';
import { Waterfall } from './waterfall.tsx';

export function Scrubber({ selected }: { readonly selected: string }) {
  const { store, session } = usePage();
  store.changed.value;
  session.seconds.value;
  const story = storyOf(store, selected);
  if (!story || story.steps.length === 0) return null;
  const { steps } = story;
  const last = steps.length - 1;
  const at = Math.min(session.step.value ?? last, last);
  const isPast = session.step.value !== null && at < last;
  const go = (place: number): void => {
    session.step.value = stepAt(story, place);
  };
  const step = steps[at]!;
  return (
    <section class={isPast ? 'scrubber past' : 'scrubber'} aria-label="Time">
      <Waterfall story={story} at={at} now={nowOf(store, session)} />
      <div class="buttons">
        <button type="button" aria-label="First step" title="First step" onClick={() => go(0)}>
          <FirstIcon />
        </button>
        <button
          type="button"
          aria-label="Previous step"
          title="Previous step ([)"
          onClick={() => go(at - 1)}
        >
          <BackIcon />
        </button>
        <button
          type="button"
          aria-label="Next step"
          title="Next step (])"
          onClick={() => go(at + 1)}
        >
          <NextIcon />
        </button>
        <button type="button" class="present" aria-pressed={!isPast} onClick={() => go(last)}>
          {story.endedAt === null ? 'live' : 'end'}
        </button>
      </div>
      <div class="track">
        <Pieces story={story} at={at} onGo={go} now={nowOf(store, session)} />
        <input
          type="range"
          min={0}
          max={last}
          value={at}
          disabled={last === 0}
          aria-label="Step"
          aria-valuetext={`Step ${at + 1} of ${steps.length}: ${eventWords(step.event)}, ${step.state}`}
          onInput={(event) => go(Number(event.currentTarget.value))}
        />
      </div>
      <p class="when">
        <b>
          {at + 1} / {steps.length}
        </b>
        <span>{isPast ? 'past' : `+${duration(step.at - story.beganAt)}`}</span>
      </p>
    </section>
  );
}

type PiecesProps = {
  readonly story: Story;
  readonly at: number;
  readonly now: number;
  readonly onGo: (place: number) => void;
};

/** For the pointer; the slider below works with keys and screen readers. */
function Pieces({ story, at, now, onGo }: PiecesProps) {
  const { steps, hole, missing, endedAt } = story;
  const segments = segmentsOf(
    steps.map((step) => step.at),
    endedAt ?? now,
  );
  return (
    <div class="pieces" aria-hidden="true">
      {steps.map((step, place) => {
        const { start, width, ms } = segments[place]!;
        const isHole = place === hole;
        const kind = `piece tone-${toneOfStep(tellingAt(steps, place))}`;
        const lost = isHole ? `, then ${missing} steps not recorded` : '';
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the slider does the same with keys
          // biome-ignore lint/a11y/noStaticElementInteractions: and is read by screen readers
          <span
            key={step.sequence}
            class={`${kind}${place === at ? ' current' : ''}${isHole ? ' hole' : ''}`}
            title={`${shortState(step.state)}, ${duration(ms)}${lost}`}
            ref={(node) => lay(node, start, width)}
            onClick={() => onGo(place)}
          />
        );
      })}
    </div>
  );
}

/** A step that only repeats how the connection went has the colour of the one before. */
const tellingAt = (steps: Story['steps'], place: number): Story['steps'][number] =>
  steps.slice(0, place + 1).findLast((step) => !repeatsConnection(step)) ?? steps[place]!;

function lay(node: HTMLElement | null, start: number, width: number): void {
  if (!node) return;
  node.style.left = `${(start * 100).toFixed(2)}%`;
  node.style.width = `${(width * 100).toFixed(2)}%`;
}
