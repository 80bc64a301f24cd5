/** The recording of one server: attaches a writer and detaches it at the end. The lines are written by the writer. */

import type { SnapshotFrom } from 'xstate';
import { Lifecycle } from '../../actors/lifecycle.ts';
import { VERSION } from '../../api/version.ts';
import { systemRandom } from '../../io/crypto/primitives.ts';
import { wallTime } from '../../io/process/wall-time.ts';
import type { tableMaintenanceMachine } from '../../machines/discovery/table-maintenance.ts';
import type { Observation } from '../../server/observation.ts';
import type { Server } from '../../server.ts';
import { discoveryView } from '../recorder/discovery-view.ts';
import { endingOf } from '../recorder/endings.ts';
import { type EndLine, type HeaderLine, RECORDING_VERSION } from '../recording.ts';
import { chartHashes } from './chart-hash.ts';
import { learnHosts, learning } from './host-learning.ts';
import { createMask, NO_MASK } from './mask.ts';
import { createFile, type Sink } from './recording-file.ts';
import { DEFAULT_MAX_BYTES, RecordingWriter } from './recording-writer.ts';

export type RecordOptions = {
  /** Whether addresses, host names, ids and own parts of client names are replaced by pseudonyms; it can still be replayed. */
  readonly mask?: boolean;
  /** Size at which the recording ends, in bytes. At least 64 KiB; 256 MiB by default. */
  readonly maxBytes?: number;
};

/** Ends with its server or before. The server never waits for it. */
export type Recording = AsyncDisposable & {
  readonly path: string;
  /** Lines and bytes so far. */
  readonly lines: number;
  readonly bytes: number;
  /** Why it ended: closed, the file reached its size, or it could not be written any more. Null while it is open. */
  readonly why: EndLine['why'] | null;
  /** Resolves when everything is in the file. May be called again. */
  close(): Promise<void>;
};

/** Room for the lines of an idle server. */
const MIN_BYTES = 64 * 1024;

/** Length of the one-time masking key; never stored. */
const MASK_KEY_BYTES = 32;

/**
 * Records every chart of a server into a new file at `path`. Begun before `start()`, all of it can be replayed.
 * @throws {TypeError} An option is wrong. @throws {RecordingError} `exists`, `unwritable`.
 * @throws {ServerError} `stopped`.
 */
export const record = (
  server: Server,
  path: string,
  options: RecordOptions = {},
): Promise<Recording> =>
  server.attach(async (observation) => {
    const checked = checkRecordOptions(options);
    return recordInto(await createFile(path), path, checked, observation);
  });

/** The same, into any sink. */
function recordInto(
  sink: (onFault: () => void) => Sink,
  path: string,
  { mask = false, maxBytes = DEFAULT_MAX_BYTES }: RecordOptions,
  { server, inspection, clock, discoveryOf, onClosed }: Observation,
): Recording {
  const { id, enode } = server.self;
  const header: HeaderLine = {
    type: 'header',
    format: 'peerchart recording',
    version: RECORDING_VERSION,
    peerchart: VERSION,
    startedAt: wallTime(),
    node: enode,
    seed: server.actor.getSnapshot().context.input.dial.seed,
    masked: mask,
    replayable: true,
    charts: chartHashes(),
  };
  const detach: (() => void)[] = [];
  const hiding = mask ? createMask(systemRandom(MASK_KEY_BYTES), id) : NO_MASK;
  const writer = new RecordingWriter({
    sink,
    clock,
    mask: hiding,
    maxBytes,
    header,
    readDiscovery: (snapshot) => {
      const table = snapshot as SnapshotFrom<typeof tableMaintenanceMachine>;
      return discoveryView(table, discoveryOf(table.context.version));
    },
    onEnd: () => detach.splice(0).forEach((end) => void end()),
  });
  const addEnding = (event: Parameters<typeof endingOf>[0]): void => {
    learnHosts(event, hiding);
    const ending = endingOf(event);
    if (ending) writer.addEnding({ at: writer.now(), ...ending });
  };
  detach.push(inspection.watch(new Lifecycle(learning(writer, hiding))));
  detach.push(
    server.on('drop', addEnding),
    server.on('ended', addEnding),
    server.on('dialFailed', addEnding),
  );
  return new OpenRecording(path, writer, onClosed);
}

type Numbers = Pick<Recording, 'lines' | 'bytes' | 'why'>;

/** Once it is closed it holds the numbers of the recording only. */
class OpenRecording implements Recording {
  readonly path: string;
  #numbers: Numbers;
  #parts: { readonly writer: RecordingWriter; readonly onClosed: () => void } | null;
  #closing: Promise<void> | null = null;

  constructor(path: string, writer: RecordingWriter, onClosed: () => void) {
    this.path = path;
    this.#numbers = writer;
    this.#parts = { writer, onClosed };
  }

  get lines(): number {
    return this.#numbers.lines;
  }

  get bytes(): number {
    return this.#numbers.bytes;
  }

  get why(): EndLine['why'] | null {
    return this.#numbers.why;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const parts = this.#parts;
    try {
      await parts?.writer.close();
    } finally {
      const { lines, bytes, why } = this.#numbers;
      this.#numbers = { lines, bytes, why };
      this.#parts = null;
      parts?.onClosed();
    }
  }
}

const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isSize = (value: unknown): boolean =>
  Number.isSafeInteger(value) && Number(value) >= MIN_BYTES;

const OPTIONS: Readonly<
  Record<keyof RecordOptions, readonly [(value: unknown) => boolean, string]>
> = {
  mask: [isFlag, 'true or false'],
  maxBytes: [isSize, `a whole number of bytes, ${MIN_BYTES} at least`],
};

/** @returns A copy: what the caller changes later has no effect. */
function checkRecordOptions(options: RecordOptions): RecordOptions {
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, option))
      throw new TypeError(`"${option}" is not known; there are ${Object.keys(OPTIONS).join(', ')}`);
    const [isFine, allowed] = OPTIONS[option as keyof RecordOptions];
    if (value !== undefined && !isFine(value))
      throw new TypeError(`"${option}" expected ${allowed}, got ${String(value)}`);
  }
  return { ...options };
}
