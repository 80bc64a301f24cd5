/** `peerchart replay`: replays a recording, and prints whether every step is identical. */
import { RecordingError } from '../inspect/recording/recording-error.ts';
import { readRecordingFile } from '../inspect/recording/recording-reader.ts';
import { type ReplayResult, replay as replayLines } from '../inspect/recording/replay.ts';
import { printable, printableJson } from '../io/wire/printable.ts';
import { INTERRUPTED, type Terminal } from './terminal.ts';

export type ReplayOptions = { readonly json?: boolean };

/** Exit codes. */
const IDENTICAL = 0;
const DIVERGED = 1;
const UNREADABLE = 2;
/** Most skipped actors that are named. */
const MAX_SHOWN = 5;

/** Longest text of a recording that is shown, in UTF-16 units. */
const MAX_CHARS = 400;

/**
 * Ends early when the signal of the terminal is aborted: without a result.
 * @returns The exit code: 0 when identical, 1 when a step differs, 2 when the file cannot be read, 130 when interrupted.
 */
export async function replay(
  path: string,
  { json = false }: ReplayOptions,
  { stdout, stderr, signal }: Terminal,
): Promise<number> {
  try {
    const result = await Promise.race([
      replayLines(readRecordingFile(path, signal)),
      aborted(signal),
    ]);
    stdout.write(`${json ? printableJson(result) : sentencesOf(result).join('\n')}\n`);
    return result.divergence === null ? IDENTICAL : DIVERGED;
  } catch (error) {
    if (signal.aborted) {
      stderr.write('peerchart: interrupted before the end of the recording\n');
      return INTERRUPTED;
    }
    if (!(error instanceof RecordingError)) throw error;
    const { fault, line, message } = error;
    if (json) stdout.write(`${printableJson({ error: { fault, line, message } })}\n`);
    else stderr.write(`peerchart: ${shown(message)}\n`);
    return UNREADABLE;
  }
}

/** Rejects when the signal is aborted: a pipe may give nothing for ever. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });

function sentencesOf(result: ReplayResult): readonly string[] {
  const { header, actors, steps, skipped, skippedTotal, changedCharts, end, divergence } = result;
  const sentences = [`recorded ${shown(header.startedAt)} by peerchart ${shown(header.peerchart)}`];
  if (end === null && !divergence)
    sentences.push('the recording is incomplete; it was replayed to its last line');
  if (end === 'full') sentences.push('the recording ended because the file was full');
  if (end === 'failed') sentences.push('the recording ended because the disk was full or too slow');
  if (changedCharts.length > 0)
    sentences.push(`charts that changed since: ${shown(changedCharts.join(', '))}`);
  if (skippedTotal > 0) {
    const ids = skipped.slice(0, MAX_SHOWN).map(({ id, why }) => `${id} (${SKIPPED[why]})`);
    const more = skippedTotal > ids.length ? `, and ${skippedTotal - ids.length} more` : '';
    sentences.push(`not replayed: ${shown(ids.join(', '))}${more}`);
  }
  if (!divergence) {
    sentences.push(`identical: ${steps} steps of ${actors} actors`);
    return sentences;
  }
  const { line, id, t, event, expected, got } = divergence;
  const when = t === null ? '' : ` at ${t} ms`;
  sentences.push(
    `diverged at line ${line}: ${shown(`${id === '' ? '' : `${id}, `}${event}`)}${when}`,
    `  recorded: ${shown(expected)}`,
    `  replayed: ${shown(got)}`,
  );
  return sentences;
}

const SKIPPED = {
  startedBefore: 'started before the recording',
  incompleteEvent: 'has an incomplete event',
  unknownMachine: 'its machine is unknown',
} as const satisfies Record<ReplayResult['skipped'][number]['why'], string>;

const shown = (text: string): string => printable(text, MAX_CHARS);
