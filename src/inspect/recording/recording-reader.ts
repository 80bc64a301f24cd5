/**
 * Reads the lines of a recording, one by one. Each line that is returned has the fields of its type, whatever the file
 * holds. A last line without a newline was cut off and is ignored. The content of events is checked by `replay.ts`.
 */
import { createReadStream } from 'node:fs';
import { printable } from '../../io/wire/printable.ts';
import {
  type HeaderLine,
  MAX_LINE_BYTES,
  RECORDING_VERSION,
  type RecordingLine,
} from '../recording.ts';
import { FIRST_CHECK, verifyLine } from './line-check.ts';
import { RecordingError } from './recording-error.ts';

export type ReadLine = {
  /** In the file, from 1. */
  readonly number: number;
  readonly value: RecordingLine;
  /** Whether the line is unchanged and follows the line it followed when written. */
  readonly isIntact: boolean;
};

/**
 * @param signal Ends the reading, with its reason as the error.
 * @throws {RecordingError} While reading: `unreadable`, and those of {@link readRecording}.
 */
export async function* readRecordingFile(
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<ReadLine> {
  signal?.throwIfAborted();
  const chunks = createReadStream(path, signal && { signal });
  try {
    yield* readRecording(chunks);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RecordingError) throw error;
    const { message } = error as Error;
    throw new RecordingError('unreadable', `cannot read ${path}: ${message}`, null, {
      cause: error,
    });
  } finally {
    chunks.destroy();
  }
}

/** @throws {RecordingError} `notARecording`, `unknownVersion`, `malformedLine`. */
export async function* readRecording(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<ReadLine> {
  let number = 0;
  let before = FIRST_CHECK;
  for await (const text of linesOf(chunks)) {
    number += 1;
    const value = number === 1 ? headerOf(text) : lineOf(text, number);
    const { isIntact, check } = verifyLine(text, before);
    before = check ?? before;
    yield { number, value, isIntact };
  }
  if (number === 0)
    throw new RecordingError('notARecording', 'this file has no complete line', null);
}

const NEWLINE = 0x0a;

/** Longest name of a version that a message shows, in UTF-16 units. */
const MAX_SHOWN_CHARS = 32;

/** Without the text after the last newline. */
async function* linesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<string> {
  /** Pieces of an unfinished line. At most `MAX_LINE_BYTES` and one chunk. */
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  let lines = 0;
  for await (const chunk of chunks) {
    let at = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, at);
      const piece = chunk.subarray(at, end === -1 ? chunk.length : end);
      bytes += piece.length;
      if (bytes >= MAX_LINE_BYTES)
        throw new RecordingError(
          lines === 0 ? 'notARecording' : 'malformedLine',
          `longer than ${MAX_LINE_BYTES} bytes`,
          lines + 1,
        );
      pieces.push(piece);
      if (end === -1) break;
      yield Buffer.concat(pieces).toString('utf8');
      pieces = [];
      bytes = 0;
      lines += 1;
      at = end + 1;
    }
  }
}

function headerOf(text: string): HeaderLine {
  const header = jsonOf(text) ?? {};
  const { format, version } = header;
  if (format !== 'peerchart recording')
    throw new RecordingError(
      'notARecording',
      'the first line is not the header of a peerchart recording',
      1,
    );
  if (version !== RECORDING_VERSION)
    throw new RecordingError('unknownVersion', otherVersion(header), null);
  return shaped(header, 1) as HeaderLine;
}

/** What it is, which version it has, which one this reads, and what to do. */
function otherVersion({ version, peerchart }: Json): string {
  const its = Number.isSafeInteger(version) ? `version ${version}` : 'an unknown version';
  const writer = typeof peerchart === 'string' ? printable(peerchart, MAX_SHOWN_CHARS) : 'unknown';
  return (
    `this is a peerchart recording of ${its}, written by peerchart ${writer}, and this peerchart ` +
    `reads version ${RECORDING_VERSION}: open it with the peerchart that wrote it, or record again`
  );
}

function lineOf(text: string, number: number): RecordingLine {
  const line = jsonOf(text);
  if (!line) throw new RecordingError('malformedLine', 'expected an object in JSON', number);
  const { type } = line;
  if (type === 'header') throw new RecordingError('malformedLine', 'a second header', number);
  return shaped(line, number);
}

type Json = Readonly<Record<string, unknown>>;

/** Null for anything but an object. Names that would set a prototype are refused. */
function jsonOf(text: string): Json | null {
  try {
    const json: unknown = JSON.parse(text, refuseProto);
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('"__proto__" is not allowed');
  return value;
}

type Check = (value: unknown) => boolean;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isFlag: Check = (value) => typeof value === 'boolean';
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

const isTransition: Check = (value) => listOf(isText)(value) && (value as string[]).length === 3;
const isEvent: Check = (value) => isObject(value) && isText(Object(value).type);

/** The fields of each type of line. Further fields are ignored, so that they can be added within a version. */
const SHAPES: Readonly<Record<RecordingLine['type'], Readonly<Record<string, Check>>>> = {
  header: {
    peerchart: isText,
    startedAt: isText,
    node: isText,
    seed: orNull(isNumber),
    masked: isFlag,
    replayable: isFlag,
    charts: (value) => isObject(value) && Object.values(value).every(isText),
  },
  actor: {
    t: isNumber,
    actor: isNumber,
    machine: isText,
    id: isText,
    parent: orNull(isNumber),
    state: orNull(isText),
    found: isFlag,
  },
  step: {
    t: isNumber,
    actor: isNumber,
    event: isEvent,
    transitions: listOf(isTransition),
    state: isText,
  },
  row: { actor: isNumber, row: isObject },
  actorEnded: { t: isNumber, actor: isNumber, status: isText },
  ending: { ending: isObject },
  end: { t: isNumber, why: isText },
};

function shaped(line: Json, number: number): RecordingLine {
  const { type } = line;
  const shape =
    typeof type === 'string' && Object.hasOwn(SHAPES, type)
      ? SHAPES[type as RecordingLine['type']]
      : null;
  if (!shape) throw new RecordingError('malformedLine', 'unknown type of line', number);
  for (const [field, check] of Object.entries(shape))
    if (!check(line[field]))
      throw new RecordingError('malformedLine', `${type}: "${field}" is missing or wrong`, number);
  return line as unknown as RecordingLine;
}
