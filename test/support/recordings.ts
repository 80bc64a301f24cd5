/** Recordings in memory: of machines that never run, and of the nodes of a world. */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';
import type { ObservedActor } from '../../src/actors/lifecycle.ts';
import { Stepper } from '../../src/actors/pure-stepper.ts';
import { chartHashes } from '../../src/inspect/recording/chart-hash.ts';
import { FIRST_CHECK, withCheck } from '../../src/inspect/recording/line-check.ts';
import { type Mask, NO_MASK } from '../../src/inspect/recording/mask.ts';
import type { Sink } from '../../src/inspect/recording/recording-file.ts';
import { readRecording } from '../../src/inspect/recording/recording-reader.ts';
import { RecordingWriter } from '../../src/inspect/recording/recording-writer.ts';
import { type ReplayResult, replay } from '../../src/inspect/recording/replay.ts';
import type { HeaderLine, RecordingLine } from '../../src/inspect/recording.ts';
import type { Path } from '../../src/testing/model/paths.ts';
import { StepClock } from './step-clock.ts';

/** Takes everything at once. */
export class MemorySink implements Sink {
  text = '';
  waiting = 0;
  isClosed = false;

  write(text: string): void {
    this.text += text;
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  /** Without their ends. */
  get lines(): readonly string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

export const someHeader: HeaderLine = {
  type: 'header',
  format: 'peerchart recording',
  version: 2,
  peerchart: '0.1.0',
  startedAt: '2026-01-02T03:04:05.678Z',
  node: 'some node',
  seed: 1,
  masked: false,
  replayable: true,
  charts: chartHashes(),
};

export function runWriter({
  mask = NO_MASK,
  maxBytes,
}: {
  readonly mask?: Mask;
  readonly maxBytes?: number;
} = {}) {
  const sink = new MemorySink();
  const clock = new StepClock();
  const whys: string[] = [];
  let breakDisk = (): void => {};
  const writer = new RecordingWriter({
    sink: (onFault) => {
      breakDisk = onFault;
      return sink;
    },
    clock,
    mask,
    header: someHeader,
    ...(maxBytes !== undefined && { maxBytes }),
    onEnd: (why) => whys.push(why),
  });
  return { sink, clock, writer, whys, breakDisk: () => breakDisk() };
}

export const witnessed = (machine: AnyStateMachine, number: number, id: string): ObservedActor => ({
  number,
  id,
  machine,
  parent: null,
  ref: null as never,
});

/** As if an actor had gone that way. */
export function recordPath(
  writer: RecordingWriter,
  actor: ObservedActor,
  { input, steps }: Path<AnyStateMachine>,
): void {
  const stepper = new Stepper(actor.machine, input);
  let { snapshot, taken } = stepper.begin();
  const tell = (event: EventObject): void =>
    writer.stepped(actor, {
      event,
      taken: [...taken],
      snapshot: snapshot as AnyMachineSnapshot,
    });
  tell({ type: 'xstate.init', input } as EventObject);
  for (const { event } of steps) {
    ({ snapshot, taken } = stepper.step(snapshot, event));
    tell(event);
  }
  const { status } = snapshot as AnyMachineSnapshot;
  if (status !== 'active') writer.ended(actor, status);
}

export const chunksOf = (text: string): Uint8Array[] => [Buffer.from(text)];

export const replayed = (text: string): Promise<ReplayResult> =>
  replay(readRecording(chunksOf(text)));

/** Every line, read. */
export async function linesIn(text: string): Promise<readonly RecordingLine[]> {
  const lines: RecordingLine[] = [];
  for await (const { value } of readRecording(chunksOf(text))) lines.push(value);
  return lines;
}

/** Read from a changed file. `change` gets the line as it is written. */
export function withLine(
  text: string,
  number: number,
  change: (line: string) => readonly string[],
): string {
  const lines = text.split('\n');
  lines.splice(number - 1, 1, ...change(lines[number - 1]!));
  return lines.join('\n');
}

/** With a valid checksum over the changed lines, as a forger would write them. */
export function forged(lines: readonly string[]): string {
  let before = FIRST_CHECK;
  const whole = lines.map((line) => {
    const made = withCheck(line.replace(/,"check":"[0-9a-f]{8}"\}$/, '}'), before);
    before = made.check;
    return `${made.line}\n`;
  });
  return whole.join('');
}
