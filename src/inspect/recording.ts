/**
 * The lines of a recording, as JSON, one each; mostly types, shared with the page. The first line is the header, the last
 * one the end; a file without an end was cut off and is valid up to its last whole line. Each line ends with a `check`
 * field (`line-check.ts`) that only `replay.ts` needs. It holds no keys, no payloads and no handles. The format is
 * described in docs/recordings.md.
 */
import type { Ending, Row, Status } from './protocol.ts';

export const RECORDING_VERSION = 2;

/** Longest line, in bytes with its newline. An event that needs more is written without its fields. Ours. */
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
  /** Seed of the dial scheduler's random choices. */
  readonly seed: number | null;
  /** Whether addresses and ids are replaced by pseudonyms. */
  readonly masked: boolean;
  /** Whether inputs and events are complete, so that the machines can be replayed. */
  readonly replayable: boolean;
  /** Hash of each chart at the time of recording, by machine. */
  readonly charts: Readonly<Record<string, string>>;
};

/** An actor, when it started or when the recorder found it. Its state is in the step that follows, or in `state`. */
export type ActorLine = {
  readonly type: 'actor';
  /** ms since `startedAt`. */
  readonly t: number;
  readonly actor: number;
  readonly machine: string;
  readonly id: string;
  readonly parent: number | null;
  /** Null when its first step has it. */
  readonly state: string | null;
  /** When it entered this state, ms since `startedAt`, if that is not `t` and no step has it. */
  readonly since?: number;
  /** It ran before the recording started, so it cannot be replayed. */
  readonly found: boolean;
};

export type StepLine = {
  readonly type: 'step';
  readonly t: number;
  readonly actor: number;
  /**
   * Without payloads; handles are `{ "$": "link" }`. The first event is `xstate.init` with the `input`. With `"?": true`
   * it is incomplete: from here on the actor cannot be replayed.
   */
  readonly event: { readonly type: string } & Readonly<Record<string, unknown>>;
  /** The transitions taken: source, event as the chart prints it, target (empty: same state). */
  readonly transitions: readonly (readonly [source: string, event: string, target: string])[];
  /** The state afterwards. */
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

/** `full`: the file reached its limit. `failed`: the disk was too slow, or could not be written. */
export type EndLine = {
  readonly type: 'end';
  readonly t: number;
  readonly why: 'closed' | 'full' | 'failed';
};
