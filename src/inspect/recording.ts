/**
 * The file of a recording: JSON lines, one of these each, with a `check` as their last field that `line-check.ts`
 * makes and only `replay.ts` needs. Hardly more than types, shared with the page. The first line is the header, the
 * last one the end; a file without an end was cut off and is good up to its last whole line. docs/recordings.md has
 * it in words. It holds no keys, no payloads and no handles; see `Ending` and `Row` in protocol.ts for what is shown
 * of strangers.
 */
import type { Ending, Row, Status } from './protocol.ts';

export const RECORDING_VERSION = 2;

/** Longest line, in bytes, its end included. An event that would need more is written without what it carries. Ours. */
export const MAX_LINE_BYTES = 1024 * 1024;

export type RecordingLine =
  | HeaderLine
  | ActorLine
  | StepLine
  | RowLine
  | ActorEndLine
  | EndingLine
  | EndLine;

export type HeaderLine = {
  readonly type: 'header';
  readonly format: 'peerchart recording';
  readonly version: typeof RECORDING_VERSION;
  readonly peerchart: string;
  /** Wall clock at t = 0, ISO 8601. */
  readonly startedAt: string;
  /** Enode URL of the node, or the name of a simulated one. */
  readonly node: string;
  /** Of the dial scheduler's choices. */
  readonly seed: number | null;
  /** Whether addresses and ids are replaced. */
  readonly masked: boolean;
  /** Whether inputs and events are whole, so that the machines can live through it again. */
  readonly replayable: boolean;
  /** A hash of the model of each chart it was made with, by machine. */
  readonly charts: Readonly<Record<string, string>>;
};

/** An actor, at its birth or when the recorder found it; its state is that of the step that follows, or `state`. */
export type ActorLine = {
  readonly type: 'actor';
  /** ms since `began`. */
  readonly t: number;
  readonly actor: number;
  readonly machine: string;
  readonly id: string;
  readonly parent: number | null;
  /** Null when its first step says it. */
  readonly state: string | null;
  /** When it came to this state, ms since `began`, if that is not `t` and no step says it. */
  readonly since?: number;
  /** When it was there before the recording, the machines cannot live through it again. */
  readonly found: boolean;
};

export type StepLine = {
  readonly type: 'step';
  readonly t: number;
  readonly actor: number;
  /**
   * Without payloads; handles are `{ "$": "link" }`. At birth `xstate.init` with its `input`. With `"?": true` it is
   * not whole: from here on the machine cannot live through it again.
   */
  readonly event: { readonly type: string } & Readonly<Record<string, unknown>>;
  /** The transitions taken: source, event as the chart prints it, target (empty: it stays). */
  readonly transitions: readonly (readonly [source: string, event: string, target: string])[];
  /** Where it is afterwards. */
  readonly state: string;
};

export type RowLine = { readonly type: 'row'; readonly actor: number; readonly row: Row };

export type ActorEndLine = {
  readonly type: 'actorEnded';
  readonly t: number;
  readonly actor: number;
  readonly status: Status;
};

export type EndingLine = { readonly type: 'ending'; readonly ending: Ending };

/** `full`: the file reached its limit. */
export type EndLine = {
  readonly type: 'end';
  readonly t: number;
  readonly why: 'closed' | 'full' | 'failed';
};
