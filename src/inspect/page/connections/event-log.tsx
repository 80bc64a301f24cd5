/** The steps of the selection as a list, with repetitions folded. */

import { usePage } from '../base/page-context.tsx';
import { duration } from '../model/durations.ts';
import { type Fold, fold } from '../model/folding.ts';
import { eventWords, shortMachine, shortState } from '../model/state-words.ts';
import { endingsIn, type Story, type StoryStep, toneOfStep } from '../model/story.ts';
import { timeOfDay } from '../views/ago.tsx';
import { VirtualList } from './virtual-list.tsx';

/** In px; see `.log .row`. */
const ROW_HEIGHT = 42;

type Line =
  | { readonly is: 'steps'; readonly fold: Fold<StoryStep> }
  /** Steps that were not recorded. */
  | { readonly is: 'hole'; readonly missing: number };

export function EventLog({ story, at }: { readonly story: Story; readonly at: number }) {
  const { session } = usePage();
  const lines = linesOf(story);
  const chosen = lines.findIndex(
    (line) => line.is === 'steps' && line.fold.first <= at && at <= line.fold.last,
  );
  const last = story.steps.length - 1;
  return (
    <section class="log" aria-label="Event log">
      <h3>
        Event log{' '}
        <small>
          {story.steps.length.toLocaleString('en')} recorded
          {story.missing > 0 && `, ${story.missing.toLocaleString('en')} not`}
        </small>
      </h3>
      <VirtualList
        id="log"
        label="Event log"
        items={lines}
        rowHeight={ROW_HEIGHT}
        keyOf={(line) => (line.is === 'hole' ? 'hole' : String(line.fold.items[0].sequence))}
        chosen={chosen}
        follows
        onChoose={(line) => {
          if (line.is === 'steps')
            session.step.value = line.fold.last === last ? null : line.fold.first;
        }}
        row={(line) =>
          line.is === 'hole' ? (
            <Hole missing={line.missing} />
          ) : (
            <Steps fold={line.fold} story={story} />
          )
        }
        empty={<div class="empty">No recorded steps.</div>}
      />
    </section>
  );
}

/** Steps before and after the hole are folded separately. */
function linesOf({ steps, hole, missing }: Story): readonly Line[] {
  const folds = (part: readonly StoryStep[], offset: number): Line[] =>
    fold(part, isSame).map((one) => ({
      is: 'steps',
      fold: { ...one, first: one.first + offset, last: one.last + offset },
    }));
  if (hole === null) return folds(steps, 0);
  const from = hole + 1;
  return [
    ...folds(steps.slice(0, from), 0),
    { is: 'hole', missing },
    ...folds(steps.slice(from), from),
  ];
}

const isSame = (one: StoryStep, other: StoryStep): boolean =>
  one.actor === other.actor && one.event === other.event && one.state === other.state;

const Hole = ({ missing }: { readonly missing: number }) => (
  <span class="hole">
    {missing.toLocaleString('en')} {missing === 1 ? 'step' : 'steps'} not recorded
  </span>
);

function Steps({ fold, story }: { readonly fold: Fold<StoryStep>; readonly story: Story }) {
  const { store } = usePage();
  const { items, times } = fold;
  const [step, other] = items;
  return (
    <>
      <span class="time" title={timeOfDay(store, step.at)}>
        +{duration(step.at - story.beganAt)}
      </span>
      <span class={toneOfStep(step) === 'bad' ? 'event bad' : 'event'}>
        {eventWords(step.event)}
        {other && (
          <>
            <span class="turns"> ⇄ </span>
            {eventWords(other.event)}
          </>
        )}
        {times > 1 && <b class="times"> ×{times.toLocaleString('en')}</b>}
      </span>
      <span class="change" title={step.state}>
        {changeOf(step, other)}
      </span>
      {story.actors.length > 1 && <span class="machine">{shortMachine(step.machine)}</span>}
    </>
  );
}

function changeOf(step: StoryStep, other: StoryStep | undefined): string {
  if (other) return `${shortState(step.state)} ⇄ ${shortState(other.state)}`;
  const from = step.transitions[0]?.source ?? '';
  const to = [...new Set([...endingsIn(step), step.state])].map(shortState).join(' → ');
  if (step.transitions.length === 0 && step.event !== 'xstate.init') return `stays ${to}`;
  if (from === '' || shortState(from) === to) return `→ ${to}`;
  return `${shortState(from)} → ${to}`;
}
