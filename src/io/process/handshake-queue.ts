/**
 * When the handshakes of one server may use the curve: for a millisecond in one turn of the event loop, the oldest
 * handshake first. Strangers, the callers that are not expected, get a quarter of a core while peers have work waiting,
 * and all that is free otherwise. Which operations there are is left to the handshakes. Source: security row C6.
 */
import { setImmediate } from 'node:timers';

import type { Clock } from './clock.ts';

/**
 * Handshakes of strangers at once, waiting or under way. Ours: with portable primitives, one core cannot do more before
 * the callers give up.
 */
export const MAX_STRANGERS = 256;

/**
 * Time in one turn, in ms, after which no further operation starts. A slow one has a turn of its own; fast ones share
 * it, because a turn costs about as much as one of them. Ours.
 */
export const CURVE_TURN_MS = 1;

/** What strangers may take of one core while peers have work waiting. Source: security row C6. */
const STRANGERS_SHARE = 0.25;

/** Rejects the turn of a handshake that was abandoned: not a fault. */
export const HANDSHAKE_ABANDONED = new Error('the handshake ended before its turn');

/** `expected`: a dial of ours, or a caller from the address of a node that the user named. */
export type HandshakeKind = 'expected' | 'stranger';

export class HandshakeQueue {
  readonly #clock: Clock;
  readonly #nextTurn: (run: () => void) => unknown;
  /** Oldest first; `expected` has at most one entry for each connection, `stranger` at most {@link MAX_STRANGERS}. */
  readonly #tickets = {
    expected: new Set<HandshakeTicket>(),
    stranger: new Set<HandshakeTicket>(),
  } as const;
  /** The operation that runs; null when it has ended. One that leaves the thread is waited for until the next turn. */
  #operation: Operation | null = null;
  #turn: Turn = { startedAt: 0, mayStrangers: false, strangersMs: 0 };
  #isScheduled = false;
  #havePeersWorked = false;
  /** Until then, strangers have used up their share, in ms of the clock. */
  #strangersRestUntil = Number.NEGATIVE_INFINITY;

  /** @param nextTurn Calls `run` in the next turn of the event loop, after what has arrived was read. */
  constructor(clock: Clock, nextTurn: (run: () => void) => unknown = setImmediate) {
    this.#clock = clock;
    this.#nextTurn = nextTurn;
  }

  /** Takes the last place. @returns Null when there is no room for another stranger. */
  enter(kind: HandshakeKind): HandshakeTicket | null {
    const tickets = this.#tickets[kind];
    if (kind === 'stranger' && tickets.size >= MAX_STRANGERS) return null;
    const ticket = new HandshakeTicket({
      onWaiting: () => {
        this.#endOperation(ticket);
        if (ticket.isWaiting) this.#schedule();
      },
      onLeft: () => {
        tickets.delete(ticket);
        this.#endOperation(ticket);
      },
    });
    tickets.add(ticket);
    return ticket;
  }

  /**
   * Called for every frame, or part of one, that is read from a peer or sent to one. What a socket holds is read before
   * the next turn begins, so peers have work waiting exactly as long as each turn has such a call.
   */
  notePeerWork(): void {
    this.#havePeersWorked = true;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#nextTurn(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#isScheduled = false;
    this.#operation = null;
    const now = this.#clock.now();
    const mayStrangers = !this.#havePeersWorked || now >= this.#strangersRestUntil;
    this.#havePeersWorked = false;
    this.#turn = { startedAt: now, mayStrangers, strangersMs: 0 };
    this.#startNext(now);
    const { expected, stranger } = this.#tickets;
    if (firstWaiting(expected) ?? firstWaiting(stranger)) this.#schedule();
  };

  #startNext(now: number): void {
    const { expected, stranger } = this.#tickets;
    const { mayStrangers } = this.#turn;
    const ticket = firstWaiting(expected) ?? (mayStrangers ? firstWaiting(stranger) : null);
    if (!ticket) return;
    const isStranger = stranger.has(ticket);
    this.#operation = { ticket, isStranger, startedAt: now };
    ticket.start();
  }

  /** Then the next one starts, if there is time left in this turn. */
  #endOperation(ticket: HandshakeTicket): void {
    const operation = this.#operation;
    if (operation?.ticket !== ticket) return;
    this.#operation = null;
    const now = this.#clock.now();
    const tookMs = now - operation.startedAt;
    if (operation.isStranger) {
      this.#turn.strangersMs += tookMs;
      this.#strangersRestUntil = now + this.#turn.strangersMs * (1 / STRANGERS_SHARE - 1);
    }
    const hasCost = tookMs > 0; // a clock that stands still, in a simulation, does not say what is left
    if (hasCost && now - this.#turn.startedAt <= CURVE_TURN_MS) this.#startNext(now);
  }
}

type Operation = {
  readonly ticket: HandshakeTicket;
  readonly isStranger: boolean;
  readonly startedAt: number;
};

type Turn = {
  readonly startedAt: number;
  readonly mayStrangers: boolean;
  /** Time that operations of strangers took in this turn. */
  strangersMs: number;
};

type TicketHooks = { readonly onWaiting: () => void; readonly onLeft: () => void };

/** The place of one handshake in the queue, from its first operation to its last. */
export class HandshakeTicket {
  readonly #hooks: TicketHooks;
  #waiter: PromiseWithResolvers | null = null;
  #hasLeft = false;

  constructor(hooks: TicketHooks) {
    this.#hooks = hooks;
  }

  get isWaiting(): boolean {
    return this.#waiter !== null;
  }

  /** Resolves when one operation may be done. @throws {Error} {@link HANDSHAKE_ABANDONED} */
  turn(): Promise<void> {
    if (this.#hasLeft) return Promise.reject(HANDSHAKE_ABANDONED);
    if (this.#waiter) throw new TypeError('a handshake does one operation at a time');
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#hooks.onWaiting();
    });
  }

  /** Called by the queue. */
  start(): void {
    const waiter = this.#waiter;
    this.#waiter = null;
    waiter?.resolve();
  }

  /** Gives up the place. It cannot be entered again. */
  leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#hooks.onLeft();
    this.#waiter?.reject(HANDSHAKE_ABANDONED);
    this.#waiter = null;
  }
}

type PromiseWithResolvers = {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
};

function firstWaiting(tickets: ReadonlySet<HandshakeTicket>): HandshakeTicket | null {
  for (const ticket of tickets) if (ticket.isWaiting) return ticket;
  return null;
}
