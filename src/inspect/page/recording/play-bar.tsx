/** Playback controls of a recording: play, speed, time, single events, and a strip of activity. */
import type { ComponentType } from 'preact';
import { useMemo } from 'preact/hooks';
import { BackIcon, FirstIcon, NextIcon, PauseIcon, PlayIcon } from '../base/icons.tsx';
import { usePage } from '../base/page-context.tsx';
import { clock } from '../model/amounts.ts';
import { duration } from '../model/durations.ts';
import { FileSource, SPEEDS } from './file-source.ts';
import type { ReadTape } from './recording-text.ts';
import { densityOf } from './tape-density.ts';

/** Columns of the strip. */
const PARTS = 240;

/** Nothing while the page is live. */
export function PlayBar() {
  const { session } = usePage();
  const source = session.source.value;
  return source instanceof FileSource ? <Controls source={source} /> : null;
}

function Controls({ source }: { readonly source: FileSource }) {
  const { tape } = source.read;
  const t = source.time.value;
  const isRunning = source.mode.value === 'running';
  const began = Date.parse(tape.header.startedAt);
  return (
    <section class="play-bar" aria-label="Recording">
      <div class="play-name">
        <b title={source.name}>{source.name}</b>
        <span>{remarkOf(source.read)}</span>
      </div>
      <div class="play-buttons">
        <PlayButton label="Go to start" Sign={FirstIcon} onClick={() => source.seek(0)} />
        <PlayButton label="Previous event" Sign={BackIcon} onClick={() => source.step(-1)} />
        <PlayButton
          label={isRunning ? 'Pause' : 'Play'}
          Sign={isRunning ? PauseIcon : PlayIcon}
          onClick={() => source.toggle()}
        />
        <PlayButton label="Next event" Sign={NextIcon} onClick={() => source.step(1)} />
        <PlayButton label="Go to end" Sign={LastIcon} onClick={() => source.seek(tape.duration)} />
      </div>
      <fieldset class="choice">
        <legend class="only-read-aloud">Speed</legend>
        {SPEEDS.map((speed) => (
          <button
            type="button"
            key={speed}
            aria-pressed={source.speed.value === speed}
            onClick={() => {
              source.speed.value = speed;
            }}
          >
            ×{speed}
          </button>
        ))}
      </fieldset>
      <div class="play-time">
        <Strip source={source} />
        <input
          type="range"
          aria-label="Time in the recording"
          min={0}
          max={Math.max(1, Math.ceil(tape.duration))}
          step={1}
          value={t}
          aria-valuetext={`${duration(t)} of ${duration(tape.duration)}`}
          onInput={({ currentTarget }) => source.seek(Number(currentTarget.value))}
        />
      </div>
      <output class="play-now">
        <b>{duration(t)}</b>
        <span>
          of {duration(tape.duration)}
          {Number.isFinite(began) && ` · ${clock(began + t)}`}
        </span>
      </output>
      <button type="button" class="quiet" onClick={() => location.reload()}>
        Close
      </button>
    </section>
  );
}

const LastIcon = () => (
  <span class="mirrored">
    <FirstIcon />
  </span>
);

function PlayButton({
  label,
  Sign,
  onClick,
}: {
  readonly label: string;
  readonly Sign: ComponentType;
  onClick(): void;
}) {
  return (
    <button type="button" aria-label={label} title={label} onClick={onClick}>
      <Sign />
    </button>
  );
}

/** Steps as bars, endings as marks below; drawn once. */
function Strip({ source: { read } }: { readonly source: FileSource }) {
  return useMemo(() => {
    const { steps, endings } = densityOf(read.tape, PARTS);
    const most = Math.log2(1 + Math.max(1, ...steps));
    return (
      <svg class="strip" viewBox={`0 0 ${PARTS} 20`} preserveAspectRatio="none" aria-hidden="true">
        {steps.map((number, part) => {
          if (number === 0) return null;
          const height = Math.max(1, (Math.log2(1 + number) / most) * 14);
          return (
            <rect
              key={part}
              class="strip-steps"
              x={part}
              y={15 - height}
              width={0.9}
              height={height}
            />
          );
        })}
        {endings.map((number, part) =>
          number === 0 ? null : (
            <rect key={part} class="strip-endings" x={part} y={16} width={0.9} height={4} />
          ),
        )}
      </svg>
    );
  }, [read]);
}

/** Facts about the file itself. */
function remarkOf({ tape, end, brokenLines, firstBroken, unknownLines }: ReadTape): string {
  const ends = {
    closed: '',
    cut: 'cut off: shown up to its last complete line',
    full: 'full: the recorder stopped at its size limit',
    failed: 'the recorder failed to write the rest',
  }[end];
  const remarks = [
    ends,
    brokenLines > 0 ? `${brokenLines} unreadable lines, the first is line ${firstBroken}` : '',
    unknownLines > 0 ? `${unknownLines} lines of a newer format` : '',
    tape.leftOut > 0 ? `${tape.leftOut} entries left out` : '',
    tape.header.masked ? 'addresses and ids are masked' : '',
  ];
  return remarks.filter((remark) => remark !== '').join(' · ') || 'complete recording';
}
