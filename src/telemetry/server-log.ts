/**
 * Everything a server writes to its logger, with the names go-ethereum gives to facts: `id`, `conn`, `addr`, `name`.
 * Lines that remotes can cause are limited, and their text is escaped and shortened. Events come from the feed and
 * the run loop; only internal errors are reported here directly.
 */
import type { Logger } from 'pino';
import type { Actor } from 'xstate';

import type { EventFeed } from '../api/event-feed.ts';
import type { Peer } from '../api/peer.ts';
import type { ServerEvents } from '../api/server-events.ts';
import { printableFacts } from '../explain/printable-facts.ts';
import type { Clock } from '../io/process/clock.ts';
import { thrownText } from '../io/process/thrown.ts';
import { formatEndpoint } from '../io/wire/endpoint.ts';
import { printable } from '../io/wire/printable.ts';
import type { Direction } from '../machines/connection/connection.ts';
import type { serverMachine } from '../machines/server/server.ts';
import { LogRateLimit } from './log-rate-limit.ts';

/** Longest client name in a line, in UTF-16 units with the ellipsis. Source: go-ethereum p2p/peer.go, Name: 20 and dots. */
const MAX_NAME_CHARS = 21;

/** Node ids in one line. */
const MAX_IDS = 16;

/** Lines of a stack that are written: as many as Node makes by default. */
const MAX_STACK_LINES = 11;

/** Longest line of a stack, in UTF-16 units: paths are long. Ours. */
const MAX_STACK_LINE_CHARS = 512;

export type LogSources = {
  readonly actor: Pick<Actor<typeof serverMachine>, 'on'>;
  readonly feed: Pick<EventFeed<ServerEvents>, 'on'>;
  /** Our node id. */
  readonly id: string;
  readonly peerCount: () => number;
  /** Entries of the lists of nodes that are our own enode and left out. */
  readonly ownEnodes: readonly string[];
  /** Faster primitives that cannot be used, a sentence for each. */
  readonly missingPrimitives: readonly string[];
};

type Level = 'error' | 'warn' | 'info' | 'debug';

/** What is used of a pino logger. */
export type LineLogger = Pick<Logger, Level | 'level' | 'isLevelEnabled'>;

/** Without a logger, pino is not even loaded. */
export const SILENT: LineLogger = {
  level: 'silent',
  isLevelEnabled: () => false,
  ...{ error() {}, warn() {}, info() {}, debug() {} },
};

type Fields = Readonly<Record<string, unknown>>;

export class ServerLog {
  readonly #logger: LineLogger;
  readonly #clock: Clock;
  /** Separate limits, so that lines about peers cannot hide internal errors, nor the reverse. */
  readonly #limits: { readonly peers: LogRateLimit; readonly faults: LogRateLimit };
  readonly #addedAt = new WeakMap<Peer, number>();

  constructor(logger: LineLogger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
    this.#limits = { peers: new LogRateLimit(clock), faults: new LogRateLimit(clock) };
  }

  /** Writes a line for every event from now on. */
  follow({ actor, feed, id, peerCount, ownEnodes, missingPrimitives }: LogSources): void {
    actor.on('started', ({ address }) => {
      this.#write('info', 'started', { address, id });
      if (ownEnodes.length > 0)
        this.#write('info', 'our own enode is left out', { options: ownEnodes });
      for (const missing of missingPrimitives)
        this.#write('info', 'slower cryptography', { missing });
    });
    actor.on('start.failed', ({ step, message }) =>
      this.#write('debug', 'start failed', { step, error: message }),
    );
    actor.on('stopped', () => {
      this.#writeSuppressed('rest');
      this.#write('info', 'stopped', {});
    });
    actor.on('candidates.failed', ({ message }) =>
      this.#write('error', 'reading candidates failed', { error: printable(message) }),
    );
    actor.on('store.faulted', ({ message }) =>
      this.#write('warn', 'node store', { error: printable(message) }),
    );
    actor.on('gateway.faulted', ({ message }) =>
      this.#write('warn', 'no gateway', { error: printable(message) }),
    );
    actor.on('record.failed', ({ message }) =>
      this.#write('error', 'our node record was not signed', { error: printable(message) }),
    );
    feed.on('lost', ({ part, message, retryInMs }) =>
      this.#write('error', 'part lost', { part, error: printable(message), retryInMs }),
    );
    feed.on('restored', ({ part, address }) =>
      this.#write('info', 'part restored', { part, address }),
    );
    feed.on('add', ({ peer }) => {
      this.#addedAt.set(peer, this.#clock.now());
      this.#writeLimited('info', peer.id, 'peer added', () => ({
        peers: peerCount(),
        ...factsOf(peer),
      }));
    });
    feed.on('drop', ({ peer, outcome, state, facts, explanation }) =>
      this.#writeLimited('info', peer.id, 'peer dropped', () => ({
        peers: peerCount(),
        ...factsOf(peer),
        duration: this.#durationOf(peer),
        outcome,
        state,
        facts: printableFacts(facts),
        why: explanation.verdict,
      })),
    );
    feed.on('ended', ({ direction, remote, state, facts, identity, explanation }) =>
      this.#writeLimited('debug', remote.host, 'connection ended', () => ({
        id: identity.id,
        addr: formatEndpoint(remote),
        conn: CONN[direction],
        state,
        facts: printableFacts(facts),
        why: explanation.verdict,
      })),
    );
    feed.on('dialFailed', ({ target, address, state, detail, backOffMs, explanation }) =>
      this.#writeLimited('debug', target.id, 'dial failed', () => ({
        id: target.id,
        addr: formatEndpoint(address),
        state,
        detail: printable(detail),
        ...(backOffMs !== undefined && { backOffMs }),
        why: explanation.verdict,
      })),
    );
    feed.on('heldBack', ({ nodes, dialled, maxDialed, explanation }) =>
      this.#writeLimited('info', 'heldBack', 'static nodes held back', () => ({
        ids: nodes.slice(0, MAX_IDS).map(({ id }) => id),
        nodes: nodes.length,
        ...{ dialled, maxDialed, why: explanation.verdict, remedy: explanation.remedy },
      })),
    );
    actor.on('static.released', () =>
      this.#writeLimited('info', 'heldBack', 'static nodes are dialled again', () => ({})),
    );
    feed.on('turnedAway', ({ counts, latest: { remote, why } }) =>
      this.#write('debug', 'turned away', { counts, addr: formatEndpoint(remote), why }),
    );
  }

  /** Logs what the operator should change. */
  readonly warn = (message: string, fields: Fields): void => this.#write('warn', message, fields);

  /** Whether a warning would be written. */
  get warns(): boolean {
    return this.#isEnabled('warn');
  }

  /** Logs an internal error. A peer may provoke it repeatedly, so lines are limited by `where`. */
  readonly fault = (error: unknown, where: string): void => {
    if (!this.#isEnabled('error')) return;
    this.#writeSuppressed('due');
    if (this.#limits.faults.admits(where))
      this.#write('error', 'internal error', { where, ...plainError(error) });
  };

  /** A line that remotes can cause. Below the level of the logger it is neither made nor counted. */
  #writeLimited(level: Level, source: string, message: string, fields: () => Fields): void {
    if (!this.#isEnabled(level)) return;
    this.#writeSuppressed('due');
    if (this.#limits.peers.admits(source)) this.#write(level, message, fields());
  }

  /** Written at the highest level of the suppressed lines, so that it is visible wherever they would have been. */
  #writeSuppressed(when: 'due' | 'rest'): void {
    const { peers, faults } = this.#limits;
    const counts = { peers: peers[when](), faults: faults[when]() };
    if (counts.peers > 0) this.#write('info', `${counts.peers} lines suppressed`, {});
    if (counts.faults > 0) this.#write('error', `${counts.faults} internal errors suppressed`, {});
  }

  #durationOf(peer: Peer): number {
    const now = this.#clock.now();
    return Math.round(now - (this.#addedAt.get(peer) ?? now));
  }

  // A logger that throws must not stop the server.

  #isEnabled(level: Level): boolean {
    try {
      return this.#logger.isLevelEnabled(level);
    } catch {
      return false;
    }
  }

  #write(level: Level, message: string, fields: Fields): void {
    try {
      this.#logger[level](fields, message);
    } catch {}
  }
}

/** The words of go-ethereum's connection flags. */
const CONN = {
  inbound: 'inbound',
  static: 'staticdial',
  dynamic: 'dyndial',
} as const satisfies Record<Direction, string>;

const factsOf = ({ id, trusted, direction, remote, client }: Peer): Fields => ({
  id,
  conn: `${trusted ? 'trusted-' : ''}${CONN[direction]}`,
  addr: formatEndpoint(remote),
  name: printable(client, MAX_NAME_CHARS),
});

/** The message may quote a remote, and the stack begins with the message. */
function plainError(thrown: unknown): Fields {
  if (!(thrown instanceof Error)) return { error: printable(thrownText(thrown)) };
  const stack = thrownText(thrown.stack).split('\n', MAX_STACK_LINES);
  return {
    error: printable(thrownText(thrown.message)),
    stack: stack.map((line) => printable(line, MAX_STACK_LINE_CHARS)).join('\n'),
  };
}
