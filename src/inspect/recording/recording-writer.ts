/**
 * Writes the events of actors as lines of a recording. Lines are written at once and the server never waits: a recording that
 * cannot be written any more, or has reached its size, ends.
 */
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { LifecycleListener, MacroStep, ObservedActor } from '../../actors/lifecycle.ts';
import { statePath } from '../../actors/state-path.ts';
import type { Clock } from '../../io/process/clock.ts';
import type { Ending, Row } from '../protocol.ts';
import { ChartTransitions } from '../recorder/chart-transitions.ts';
import { rowOf } from '../recorder/projection.ts';
import {
  type ActorLine,
  type EndLine,
  type HeaderLine,
  MAX_LINE_BYTES,
  type RecordingLine,
} from '../recording.ts';
import { DiscoverySamples, type ReadDiscovery, SAMPLED_MACHINE } from './discovery-samples.ts';
import { initialEventOf, writeEvent } from './event-text.ts';
import { FIRST_CHECK, withCheck } from './line-check.ts';
import { type Mask, maskAll } from './mask.ts';
import type { Sink } from './recording-file.ts';

/** Default size limit of the file, in bytes. Ours: some hours of a busy node. */
export const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;

/** Unwritten bytes above which the recording ends, because the disk is too slow. Ours. */
export const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** Reserved for the last line, in bytes. */
const END_BYTES = 128;

export type WriterOptions = {
  readonly sink: (onFault: () => void) => Sink;
  readonly clock: Clock;
  readonly mask: Mask;
  readonly maxBytes?: number;
  readonly header: HeaderLine;
  /** Of a server that has discovery. */
  readonly readDiscovery?: ReadDiscovery;
  /** Called once when the recording ends, possibly during any other call. */
  readonly onEnd?: (why: EndLine['why']) => void;
};

export class RecordingWriter implements LifecycleListener {
  readonly #sink: Sink;
  readonly #clock: Clock;
  readonly #mask: Mask;
  readonly #maxBytes: number;
  readonly #onEnd: (why: EndLine['why']) => void;
  readonly #beganAt: number;
  readonly #readDiscovery: ReadDiscovery | null;
  /** By number of the table's actor: one for each version, and for each start. */
  readonly #samples = new Map<number, DiscoverySamples>();
  readonly #transitions = new WeakMap<AnyStateMachine, ChartTransitions>();
  /** Running actors that have a line. */
  readonly #named = new Set<number>();
  /** The last row written for each running actor. */
  readonly #rows = new Map<number, string>();
  #check = FIRST_CHECK;
  #lines = 0;
  #bytes = 0;
  #why: EndLine['why'] | null = null;

  constructor(options: WriterOptions) {
    const { sink, clock, mask, maxBytes, header, readDiscovery, onEnd: onOver } = options;
    this.#clock = clock;
    this.#readDiscovery = readDiscovery ?? null;
    this.#mask = mask;
    this.#maxBytes = maxBytes ?? DEFAULT_MAX_BYTES;
    this.#onEnd = onOver ?? (() => {});
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

  /** Null while it is open. */
  get why(): EndLine['why'] | null {
    return this.#why;
  }

  /** ms since it started. */
  now(): number {
    return Math.round(this.#clock.now() - this.#beganAt);
  }

  /** Its line is written with its first step, or when it is found. */
  started(): void {}

  /** An actor that has taken no event yet is written like a new one. */
  found(actor: ObservedActor, snapshot: AnyMachineSnapshot): void {
    const first = initialEventOf(actor.machine, snapshot);
    if (first) return this.stepped(actor, { event: first, taken: [], snapshot });
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
      transitions: this.#transitionsOf(machine)
        .of(taken)
        .map(({ source, event: name, target }) => [source, name, target] as const),
      state: statePath(snapshot.value),
    };
    this.#write(line, { ...line, event: { type: event.type, '?': true } });
    this.#writeRow(actor, snapshot);
  }

  ended({ number }: ObservedActor, status: 'done' | 'stopped' | 'error'): void {
    this.#rows.delete(number);
    if (!this.#named.delete(number)) return; // it never had a line
    this.#write({ type: 'actorEnded', t: this.now(), actor: number, status });
  }

  addEnding(ending: Ending): void {
    this.#write({ type: 'ending', ending: maskAll(ending, this.#mask) });
  }

  /** Writes the end line, unless it has been written. Resolves when everything is in the file. */
  async close(): Promise<void> {
    for (const [actor, samples] of this.#samples) {
      const row = samples.last();
      if (row && this.#named.has(actor)) this.#putRow(actor, row);
    }
    this.#end('closed');
    await this.#sink.close();
  }

  /** @param state Null for a new actor: its first step has it. */
  #actorLine({ number, machine, id, parent }: ObservedActor, state: string | null): ActorLine {
    return {
      type: 'actor',
      t: this.now(),
      actor: number,
      machine: machine.id,
      id: this.#mask.actorId(id),
      parent,
      state,
      found: state !== null,
    };
  }

  #writeRow({ number, machine }: ObservedActor, snapshot: AnyMachineSnapshot): void {
    const row =
      machine.id === SAMPLED_MACHINE
        ? (this.#samplesOf(number)?.rowOf(snapshot) ?? null)
        : rowOf(machine, snapshot);
    if (row !== null) this.#putRow(number, row);
  }

  #samplesOf(number: number): DiscoverySamples | null {
    const known = this.#samples.get(number);
    if (known || !this.#readDiscovery) return known ?? null;
    const samples = new DiscoverySamples(this.#clock, this.#readDiscovery);
    this.#samples.set(number, samples);
    return samples;
  }

  #putRow(number: number, row: Row): void {
    const shown = maskAll(row, this.#mask);
    const text = JSON.stringify(shown);
    if (this.#rows.get(number) === text) return;
    this.#rows.set(number, text);
    this.#write({ type: 'row', actor: number, row: shown });
  }

  #transitionsOf(machine: AnyStateMachine): ChartTransitions {
    const known = this.#transitions.get(machine);
    if (known) return known;
    const transitions = new ChartTransitions(machine);
    this.#transitions.set(machine, transitions);
    return transitions;
  }

  /** @param shorter Written in place of a line above `MAX_LINE_BYTES`. */
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
    this.#onEnd(why);
  }

  #lineOf(line: RecordingLine) {
    const { line: text, check } = withCheck(JSON.stringify(line), this.#check);
    return { text: `${text}\n`, check, size: Buffer.byteLength(text) + 1 };
  }

  #put(text: string, check: string, size: number): void {
    this.#check = check;
    this.#lines += 1;
    this.#bytes += size;
    this.#sink.write(text);
  }
}
