/** Why the selection ended; while it runs, or at a past step: its state, since when, and the event that led there. */
import type { Ending } from '../../protocol.ts';
import { StateChip } from '../base/state-chip.tsx';
import { duration } from '../model/durations.ts';
import { eventWords, isBad, whose } from '../model/state-words.ts';
import type { Story, StoryStep } from '../model/story.ts';

const MACHINES = { drop: 'peer', ended: 'connection-setup', dialFailed: 'dial-task' } as const;

const CONFIDENCE = {
  certain: 'certain',
  likely: 'likely',
  possible: 'possible',
  unknown: 'cause unknown',
} as const;

export function WhyCard({ ending, took }: { readonly ending: Ending; readonly took: number }) {
  const { verdict, remedy, confidence, evidence } = ending.explanation;
  const machine = MACHINES[ending.type];
  const bad = isBad(machine, ending.state);
  return (
    <section class={bad ? 'why bad' : 'why calm'} aria-label="Why it ended">
      <h3>
        Why it ended <span class={`confidence ${confidence}`}>{CONFIDENCE[confidence]}</span>
      </h3>
      <p class="verdict">{verdict}</p>
      {remedy && (
        <p class="remedy">
          <b>What to do</b> {remedy}
        </p>
      )}
      <p class="cause">
        <code>{ending.state}</code> {whose(machine, ending.state)}, after {duration(took)}
      </p>
      {evidence.length > 0 && (
        <details open>
          <summary>Evidence</summary>
          <ul>
            {evidence.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** For a selection that has not ended, or whose ending was not recorded. */
export function NowCard({ story, now }: { readonly story: Story; readonly now: number }) {
  const actor = story.actors.at(-1)!;
  const last = story.steps.at(-1);
  const over = story.endedAt !== null;
  return (
    <section class="why calm" aria-label={over ? 'Ended' : 'Current state'}>
      <h3>{over ? 'Ended' : 'Now'}</h3>
      <p class="verdict">
        <StateChip machine={actor.machine} state={actor.state} />
      </p>
      <p>
        {over ? 'No reason recorded. ' : `For ${duration(now - actor.at)}`}
        {last && (
          <>
            {over ? 'The last event was ' : ', since '}
            <b>{eventWords(last.event)}</b>
            {over && `, ${duration(now - last.at)} ago`}
          </>
        )}
      </p>
    </section>
  );
}

export function PastCard({
  story,
  step,
  at,
}: {
  readonly story: Story;
  readonly step: StoryStep;
  readonly at: number;
}) {
  const next = story.steps[at + 1];
  const from = step.transitions[0]?.source;
  return (
    <section class="why past" aria-label="Past step">
      <h3>
        Past{' '}
        <span class="confidence">
          step {at + 1} of {story.steps.length}
        </span>
      </h3>
      <p class="verdict">
        <StateChip machine={step.machine} state={step.state} />
      </p>
      <p>
        {duration(step.at - story.beganAt)} after the start: <b>{eventWords(step.event)}</b>
        {from ? (
          <>
            {' '}
            in <code>{from}</code>
          </>
        ) : null}
        {next && `; the next step came ${duration(next.at - step.at)} later`}.
      </p>
    </section>
  );
}
