/**
 * What a viewer asks a recorder for: the changes since a cursor. Types only, shared by the recorder that answers and the
 * viewer that asks. A cursor is a value: asking twice with the same one gives the same answer.
 */
import type { Diagnosis } from '../../explain/diagnosis.ts';
import type { About, ActorNumber, Frame, Views } from '../protocol.ts';
import type { Counts } from './counters.ts';

/**
 * How far a viewer has read. Every field counts what it has been sent, so all of them are 0 or empty before its first
 * frame.
 */
export type Cursor = {
  /** Change counter: a viewer at N asks for everything after N; 0 means never. */
  readonly change: number;
  /** Sequence of the last step. */
  readonly step: number;
  /** Endings sent. */
  readonly endings: number;
  /** Sizes of the dictionaries. */
  readonly names: number;
  readonly transitions: number;
  readonly ignoredEvents: number;
  readonly unrecordedActors: number;
  readonly transitionCounts: Counts;
  readonly endingCounts: Counts;
  readonly views: Views | null;
  readonly diagnosis: Diagnosis | null;
  /** Actors of which every step is wanted, each with the sequence of its last step that was sent. */
  readonly focus: ReadonlyMap<ActorNumber, number>;
};

/** Everything a frame says but for its time and its viewer. A field is absent when nothing of it changed. */
export type Changes = Omit<Frame, 't' | 'hz' | 'skippedFrames' | 'about'> & {
  /** With the first changes of a cursor: earlier ones are to be forgotten. */
  readonly about?: Omit<About, 'actions'>;
};

export type ChangeSource = {
  /** ms since the recorder began. */
  now(): number;
  /** Reads and changes nothing. The cursor of the answer is for the next call. */
  changesSince(cursor: Cursor): { readonly changes: Changes; readonly cursor: Cursor };
};
