/**
 * From a datagram to a packet of a known node, or to the reason why it is dropped. The order is the point: what costs
 * little comes first, and the signature last, within its budget. What the packet leads to is decided in `discv4.ts`.
 */
import {
  PacketError,
  type PacketFault,
  readPacket,
  senderOf,
  type UnverifiedPacket,
} from '../crypto/discv4-packet.ts';
import type { Primitives, PublicKey } from '../crypto/primitives.ts';
import { rawPublicKey } from '../crypto/public-key.ts';
import { BoundedMap } from '../process/bounded-map.ts';
import type { Clock } from '../process/clock.ts';
import type { Discv4Message } from '../wire/discv4-message.ts';
import { type Endpoint, formatEndpoint } from '../wire/endpoint.ts';
import { hexOf } from '../wire/hex.ts';
import type { ClockCheck } from './clock-check.ts';
import type { Datagram } from './datagram-socket.ts';
import type { EndpointProofs } from './endpoint-proofs.ts';
import type { Answer, AnswerRefusal, RequestMatcher } from './request-matcher.ts';
import type { BudgetRefusal, SourceBudgets } from './source-budgets.ts';

/** How far an expiration may lie ahead, in ms. Source: security limits. */
export const MAX_EXPIRATION_AHEAD_MS = 24 * 60 * 60 * 1_000;

/** Packets whose copies are recognised, and for how long, in ms: as long as they are valid. Source: security limits. */
export const MAX_RECENT_PACKETS = 1_024;
export const RECENT_PACKET_MS = 20_000;

/** Why a datagram was dropped. `packetTooShort` and its like: it is no packet at all. */
export type PacketRefusal =
  | PacketFault
  | AnswerRefusal
  | BudgetRefusal
  | 'notInNetRestrict'
  | 'noSourcePort'
  | 'expired'
  | 'expiresTooLate'
  | 'duplicatePacket'
  | 'unprovenEndpoint'
  | 'ownPacket';

/** A packet of the node that signed it. */
export type VerifiedPacket = {
  readonly message: Discv4Message;
  /** 32 bytes. */
  readonly hash: Uint8Array;
  readonly publicKey: PublicKey;
  readonly id: string;
};

export type PacketCheckOptions = {
  readonly ownId: string;
  readonly primitives: Primitives;
  readonly clock: Clock;
  readonly unixTimeMs: () => number;
  readonly isAllowed: (host: string) => boolean;
  readonly budgets: SourceBudgets;
  readonly requests: RequestMatcher;
  readonly proofs: EndpointProofs;
  readonly clockCheck: ClockCheck;
};

export class PacketCheck {
  readonly #options: PacketCheckOptions;
  /** By hash. At most MAX_RECENT_PACKETS. */
  readonly #recent = new BoundedMap<string, Came>(MAX_RECENT_PACKETS);

  constructor(options: PacketCheckOptions) {
    this.#options = options;
  }

  check({ bytes, from }: Datagram): VerifiedPacket | PacketRefusal {
    const { isAllowed, primitives, ownId } = this.#options;
    if (from.port === 0) return 'noSourcePort';
    if (!isAllowed(from.host)) return 'notInNetRestrict';
    try {
      const packet = readPacket(bytes, primitives);
      const { message, hash } = packet;
      const refusal = this.#refusalOf(packet, from);
      if (refusal !== null) return refusal;
      const kind = isAnswer(message) ? 'answer' : 'question';
      const publicKey = this.#options.budgets.recover(kind, () => senderOf(packet, primitives));
      const id = hexOf(primitives.keccak256(rawPublicKey(publicKey)));
      if (id === ownId) return 'ownPacket';
      this.#noteClock(message, from.host);
      return { message, hash, publicKey, id };
    } catch (error) {
      if (error instanceof PacketError) return error.fault;
      throw error;
    }
  }

  /** Every check that needs no curve. */
  #refusalOf(packet: UnverifiedPacket, from: Endpoint): PacketRefusal | null {
    const { budgets, requests, proofs } = this.#options;
    const { message } = packet;
    const late = this.#expirationRefusal(message);
    if (late !== null) {
      // an answer that we wait for is no forgery, as a rule: its sender's clock, or ours, is wrong
      const isAwaited = isAnswer(message) && requests.isWaiting(message.type, from);
      if (isAwaited) this.#noteClock(message, from.host);
      return late;
    }
    if (isAnswer(message)) {
      const refusal = requests.refusalOf(message, from);
      if (refusal !== null) return refusal;
      return budgets.canRecover('answer') ? null : 'recoveryBudget';
    }
    if (this.#isCopy(packet, from)) return 'duplicatePacket';
    if (message.type !== 'ping' && !proofs.hasAny(from.host)) return 'unprovenEndpoint';
    if (!budgets.takePacket(from.host)) return 'sourceBudget';
    return budgets.canRecover('question') ? null : 'recoveryBudget';
  }

  #expirationRefusal(message: Discv4Message): 'expired' | 'expiresTooLate' | null {
    if (message.type === 'enrResponse') return null; // has none: it repeats the hash of our request
    const aheadMs = message.expiration * 1_000 - this.#options.unixTimeMs();
    if (aheadMs < 0) return 'expired';
    return aheadMs > MAX_EXPIRATION_AHEAD_MS ? 'expiresTooLate' : null;
  }

  #noteClock(message: Discv4Message, host: string): void {
    if (message.type !== 'enrResponse') this.#options.clockCheck.note(host, message.expiration);
  }

  /**
   * Remembers the question. The same ping, or request for our record, again from the same endpoint is none: a sender that
   * asks twice within a second makes the same packet, for expirations are in seconds and signatures deterministic. The
   * answer to `findNode` is so much larger that its copies are dropped wherever they come from.
   */
  #isCopy({ message, hash }: UnverifiedPacket, from: Endpoint): boolean {
    const key = hexOf(hash);
    const source = formatEndpoint(from);
    const now = this.#options.clock.now();
    const before = this.#recent.get(key);
    if (!before || now - before.at > RECENT_PACKET_MS) {
      this.#recent.set(key, { at: now, source });
      return false;
    }
    return message.type === 'findNode' || before.source !== source;
  }
}

/** When and from where. */
type Came = { readonly at: number; readonly source: string };

const isAnswer = (message: Discv4Message): message is Answer =>
  message.type === 'pong' || message.type === 'neighbors' || message.type === 'enrResponse';
