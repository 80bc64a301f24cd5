/**
 * What actors live through, as the lines of a recording. It holds no line back and waits for nobody: a recording that
 * cannot be written any more, or is as long as it may be, ends, and the server does not notice.
 */
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { LifecycleListener, MacroStep, ObservedActor } from '../../actors/lifecycle.ts';
import { statePath } from '../../actors/state-path.ts';
import type { Clock } from '../../io/process/clock.ts';
import type { Ending } from '../protocol.ts';
import { ChartTransitions } from '../recorder/chart-transitions.ts';
import { rowOf } from '../recorder/projection.ts';
import {
  type ActorLine,
  type EndLine,
  type HeaderLine,
  MAX_LINE_BYTES,
  type RecordingLine,
} from '../recording.ts';
import { birthOf, writeEvent } from './event-text.ts';
import { checked, FIRST_CHECK } from './line-check.ts';
import { type Mask, maskAll } from './mask.ts';
import type { Sink } from './recording-file.ts';

/** Longest file, in bytes, unless told otherwise. Ours: some hours of a busy node. */
export const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;

/** Bytes that may wait for the disk; a slower one ends the recording. Ours. */
export const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** Room that is kept for the last line, in bytes. */
const END_BYTES = 128;

export type WriterOptions = {
  readonly sink: (onFault: () => void) => Sink;
  readonly clock: Clock;
  readonly mask: Mask;
  readonly maxBytes?: number;
  readonly header: HeaderLine;
  /** It is over, and nothing more is written; once, and maybe in the middle of something. */
  readonly onOver?: (why: EndLine['why']) => void;
};

export class RecordingWriter implements LifecycleListener {
  readonly #sink: Sink;
  readonly #clock: Clock;
  readonly #mask: Mask;
  readonly #maxBytes: number;
  readonly #onOver: (why: EndLine['why']) => void;
  readonly #beganAt: number;
  readonly #ways = new WeakMap<AnyStateMachine, ChartTransitions>();
  /** Those that live and have a line. */
  readonly #named = new Set<number>();
  /** Of actors that live, as they were written last. */
  readonly #rows = new Map<number, string>();
  #check = FIRST_CHECK;
  #lines = 0;
  #bytes = 0;
  #why: EndLine['why'] | null = null;

  constructor({ sink, clock, mask, maxBytes, header, onOver }: WriterOptions) {
    this.#clock = clock;
    this.#mask = mask;
    this.#maxBytes = maxBytes ?? DEFAULT_MAX_BYTES;
    this.#onOver = onOver ?? (() => {});
    this.#beganAt = clock.now();
    this.#sink = sink(() => this.#end('failed'));
    this.#write({ ...header, node: mask.text(header.node) });
  }

  get lines(): number {
    return this.#lines;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Null while it goes on. */
  get why(): EndLine['why'] | null {
    return this.#why;
  }

  /** ms since it began. */
  now(): number {
    return Math.round(this.#clock.now() - this.#beganAt);
  }

  /** Its first step, or where it was found, says more. */
  started(): void {}

  /** One that has lived through nothing is as good as new. */
  found(actor: ObservedActor, snapshot: AnyMachineSnapshot): void {
    const birth = birthOf(actor.machine, snapshot);
    if (birth) return this.stepped(actor, { event: birth, taken: [], snapshot });
    this.#named.add(actor.number);
    this.#write(this.#actorLine(actor, statePath(snapshot.value)));
    this.#writeRow(actor, snapshot);
  }

  stepped(actor: ObservedActor, { event, taken, snapshot }: MacroStep): void {
    if (this.#why !== null) return;
    const { number, machine } = actor;
    if (!this.#named.has(number)) {
      this.#named.add(number);
      this.#write(this.#actorLine(actor, null));
    }
    const line = {
      type: 'step' as const,
      t: this.now(),
      actor: number,
      event: writeEvent(machine, event, snapshot, this.#mask),
      transitions: this.#waysOf(machine)
        .of(taken)
        .map(({ source, event: name, target }) => [source, name, target] as const),
      state: statePath(snapshot.value),
    };
    this.#write(line, { ...line, event: { type: event.type, '?': true } });
    this.#writeRow(actor, snapshot);
  }

  ended({ number }: ObservedActor, status: 'done' | 'stopped' | 'error'): void {
    this.#rows.delete(number);
    if (!this.#named.delete(number)) return; // it never took a step
    this.#write({ type: 'actorEnded', t: this.now(), actor: number, status });
  }

  tell(ending: Ending): void {
    this.#write({ type: 'ending', ending: maskAll(ending, this.#mask) });
  }

  /** Writes the end, unless it is there already. Resolves once everything is in the file. */
  async close(): Promise<void> {
    this.#end('closed');
    await this.#sink.close();
  }

  /** Whoever is born has no state before its first step says it. */
  #actorLine({ number, machine, id, parent }: ObservedActor, state: string | null): ActorLine {
    return {
      type: 'actor',
      t: this.now(),
      actor: number,
      machine: machine.id,
      id: this.#mask.text(id),
      parent,
      state,
      found: state !== null,
    };
  }

  #writeRow({ number, machine }: ObservedActor, snapshot: AnyMachineSnapshot): void {
    const row = rowOf(machine, snapshot);
    if (row === null) return;
    const shown = maskAll(row, this.#mask);
    const text = JSON.stringify(shown);
    if (this.#rows.get(number) === text) return;
    this.#rows.set(number, text);
    this.#write({ type: 'row', actor: number, row: shown });
  }

  #waysOf(machine: AnyStateMachine): ChartTransitions {
    const known = this.#ways.get(machine);
    if (known) return known;
    const ways = new ChartTransitions(machine);
    this.#ways.set(machine, ways);
    return ways;
  }

  /** @param shorter What is written in place of a line that would be too long to be read. */
  #write(line: RecordingLine, shorter: RecordingLine = line): void {
    if (this.#why !== null) return;
    const { text, check, size } = this.#lineOf(line);
    if (size > MAX_LINE_BYTES && line !== shorter) return this.#write(shorter);
    if (this.#bytes + size > this.#maxBytes - END_BYTES) return this.#end('full');
    if (this.#sink.waiting + size > MAX_WAITING_BYTES) return this.#end('failed');
    this.#put(text, check, size);
  }

  #end(why: EndLine['why']): void {
    if (this.#why !== null) return;
    const { text, check, size } = this.#lineOf({ type: 'end', t: this.now(), why });
    this.#put(text, check, size);
    this.#why = why;
    this.#rows.clear();
    this.#named.clear();
    this.#onOver(why);
  }

  #lineOf(line: RecordingLine) {
    const { line: text, check } = checked(JSON.stringify(line), this.#check);
    return { text: `${text}\n`, check, size: Buffer.byteLength(text) + 1 };
  }

  #put(text: string, check: string, size: number): void {
    this.#check = check;
    this.#lines += 1;
    this.#bytes += size;
    this.#sink.write(text);
  }
}
