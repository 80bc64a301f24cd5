/** What the handler of a subprotocol gets of the server that runs it, besides the peer and its port. */
import type { Logger } from 'pino';
import type {
  ActorRefFrom,
  AnyStateMachine,
  EmittedFrom,
  InputFrom,
  OutputFrom,
  SnapshotFrom,
} from 'xstate';
import type { Ending } from '../actors/run-actor.ts';
import type { Random } from '../io/crypto/primitives.ts';
import type { Clock } from '../io/process/clock.ts';
import type { PeerEnding } from './peer.ts';

export type ProtocolTools = {
  /** Durations and timeouts, in ms. */
  readonly clock: Clock;
  /** The time of day, in ms since 1970. */
  readonly unixTimeMs: () => number;
  readonly random: Random;
  /** The logger of the server; it writes nothing when none was given. What a peer can cause belongs on the level `debug`. */
  readonly logger: ProtocolLogger;
  /** Counts requests of the handler to the peer, for the metrics. */
  readonly requests: RequestReports;
  /** How the peer ended; null while it has not begun to end. */
  ending(): PeerEnding | null;
  /**
   * Starts a chart for this peer, 16 at once at most. Inspector, recordings and the checks of simulated worlds see it, so
   * its input and events must be facts about the lifecycle, and no payloads. It is stopped when the handler has returned or
   * thrown, or its peer has ended, unless it has reached a final state before.
   * @throws {RangeError} 16 are running. @throws {Error} The handler or its peer has ended.
   */
  startActor<Machine extends AnyStateMachine>(
    machine: Machine,
    options: ActorOptions<Machine>,
  ): ActorRefFrom<Machine>;
};

/** Codes are the protocol's own, from 0. */
export type RequestReports = {
  /** So many requests more, or less, wait for an answer. */
  tracked(code: number, change: 1 | -1): void;
  fulfilled(code: number, waitMs: number): void;
  /** A request was not answered in time. */
  lost(code: number): void;
  /** An answer came to no request. */
  stale(answerCode: number): void;
};

/** What is used of a pino logger. */
export type ProtocolLogger = Pick<
  Logger,
  'error' | 'warn' | 'info' | 'debug' | 'level' | 'isLevelEnabled'
>;

/** What a callback throws, or its promise rejects with, is logged as an internal error. */
export type ActorOptions<Machine extends AnyStateMachine> = {
  readonly input: InputFrom<Machine>;
  /** Called with each state it comes to, the first and the last one included. */
  readonly onSnapshot?: (snapshot: SnapshotFrom<Machine>) => unknown;
  readonly onEmitted?: (event: EmittedFrom<Machine>) => unknown;
  /** Called once. An error has been logged then. */
  readonly onEnd?: (ending: Ending<OutputFrom<Machine>>) => unknown;
};
