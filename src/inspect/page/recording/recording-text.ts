/**
 * Reads the bytes of a file into a tape, chunk by chunk: a file of 200 MB is never in memory as text. A truncated file
 * is read up to its last complete line, lines of unknown types are counted, and a file that is not a recording is
 * refused with a sentence that gives the reason.
 */
import type { EndLine } from '../../recording.ts';
import { READS_VERSION, recordedLine } from './recorded-line.ts';
import { Tape } from './tape.ts';

/** Longest line, in UTF-16 units. Ours; longer ones are skipped. */
const MAX_LINE_CHARS = 1024 * 1024;

/** Longest quote of another file, in UTF-16 units. */
const MAX_QUOTE = 40;

/** A tape and the facts about its file. */
export type ReadTape = {
  readonly tape: Tape;
  /** The reason of its last line; `cut` without such a line. */
  readonly end: EndLine['why'] | 'cut';
  /** Lines of unknown types. */
  readonly unknownLines: number;
  /** Invalid lines, except a partial last one. */
  readonly brokenLines: number;
  /** Line number of the first invalid line; 0 if none. */
  readonly firstBroken: number;
};

/** Not a peerchart recording, or one of another version. The message is for people. */
export class NotARecording extends Error {}

/** @param onProgress Called with the bytes read so far, after every chunk. */
export async function readTape(
  chunks: AsyncIterable<Uint8Array>,
  onProgress: (bytes: number) => void,
): Promise<ReadTape> {
  const lines = new Lines();
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const chunk of chunks) {
    if (bytes === 0) refuseOtherFormats(chunk);
    lines.text(decoder.decode(chunk, { stream: true }));
    bytes += chunk.length;
    onProgress(bytes);
  }
  return lines.end();
}

class Lines {
  #tape: Tape | null = null;
  #rest = '';
  #isSkipping = false;
  #number = 0;
  #unknown = 0;
  #broken = 0;
  #firstBroken = 0;
  #end: EndLine['why'] | 'cut' = 'cut';

  text(piece: string): void {
    const lines = piece.split('\n');
    lines[0] = this.#rest + lines[0]!;
    this.#rest = lines.pop()!;
    for (const line of lines) this.#line(line);
    if (this.#rest.length <= MAX_LINE_CHARS) return;
    this.#isSkipping = true;
    this.#rest = '';
  }

  end(): ReadTape {
    const hadWhole = this.#number;
    const isWhole = this.#rest.trim() !== '' && recordedLine(this.#rest) !== 'broken';
    if (this.#isSkipping || isWhole || hadWhole === 0) this.#line(this.#rest);
    if (!this.#tape) throw new NotARecording('The file is empty.');
    return {
      tape: this.#tape,
      end: this.#end,
      unknownLines: this.#unknown,
      brokenLines: this.#broken,
      firstBroken: this.#firstBroken,
    };
  }

  #line(text: string): void {
    this.#number += 1;
    const isTooLong = this.#isSkipping;
    this.#isSkipping = false;
    if (!isTooLong && text.trim() === '') return;
    const line = isTooLong ? 'broken' : recordedLine(text);
    if (!this.#tape) {
      this.#tape = new Tape(headerOf(line, text));
      return;
    }
    if (line === 'unknown') this.#unknown += 1;
    else if (line === 'broken') {
      this.#broken += 1;
      this.#firstBroken ||= this.#number;
    } else {
      if (line.type === 'end') this.#end = line.why;
      this.#tape.add(line);
    }
  }
}

function headerOf(line: ReturnType<typeof recordedLine>, text: string) {
  if (typeof line === 'object' && line.type === 'header') {
    if (line.version === READS_VERSION) return line;
    throw new NotARecording(
      `This is a peerchart recording of version ${line.version}, written by peerchart ${line.peerchart}, and this page reads version ${READS_VERSION}: open it with the peerchart that wrote it, or record again.`,
    );
  }
  const quote = text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE)}…` : text;
  throw new NotARecording(
    typeof line === 'object'
      ? `The file starts in the middle of a recording: its first line has type “${line.type}”, not “header”.`
      : `This is not a peerchart recording: its first line is not a header. It starts with “${quote}”.`,
  );
}

function refuseOtherFormats(chunk: Uint8Array): void {
  if (chunk[0] === 0x1f && chunk[1] === 0x8b)
    throw new NotARecording('The file is compressed with gzip. Decompress it first: gunzip FILE.');
  if (chunk.subarray(0, 64).includes(0))
    throw new NotARecording('This is not a peerchart recording: it is not text.');
}
